import CProbe
import ProbeABI

/// Sleeps until a device's interrupt has been counted: in the processor's halt, through the CPL 0 kernel's gate.
///
/// A halt needs something that ends it when the device never answers: the LAPIC's timer, on a vector of its own, armed
/// so rarely that it costs nothing per request.
struct DeviceSleep {
  let vector: UInt32
  /// Ticks after which a device that owes an interrupt is given up: a second.
  let patience: UInt64
  /// Ticks between two sleeps after which a job with other plans for the timer may have run: a millisecond.
  private let gap: UInt64
  /// TSC until which the timer is known to be armed, and when the last sleep ended.
  private var armedUntil: UInt64 = 0
  private var lastWake: UInt64 = 0

  private static var nanoseconds: UInt32 { 250_000_000 }

  init(vector: UInt32, tscKilohertz: UInt64) {
    self.vector = vector
    patience = 1000 &* tscKilohertz
    gap = tscKilohertz
  }

  /// Interrupts that were taken.
  var count: UInt64 { probe_interrupt_count(vector) }

  /// Halts until the count differs from `seen`, or `deadline` (a time stamp) has passed. Returns whether it differs.
  mutating func wait(_ seen: UInt64, _ deadline: UInt64) -> Bool {
    var now = nm_tsc()
    while count == seen, now < deadline {
      if now > armedUntil || now &- lastWake > gap { arm(now) }
      _ = probe_gate(UInt64(GATE_WAIT), probe_interrupt_slot(vector), seen, 0)
      now = nm_tsc()
      lastWake = now
    }
    return count != seen
  }

  /// KVM's timer counts nanoseconds; one that does not only makes a dead device's end come earlier or later.
  private mutating func arm(_ now: UInt64) {
    LocalAPIC.armTimer(Vector.alarm, count: Self.nanoseconds)
    armedUntil = now &+ patience / 4
  }
}
