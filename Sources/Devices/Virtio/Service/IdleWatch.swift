import CLinux
import Glibc
import LinuxSystem

/// How an I/O thread without work spends its time until it sleeps.
struct IdleWatch {
  private let mode: ServiceMode
  /// Looks since there was something to do.
  private var looks: UInt32 = 0
  /// When the first of them was, for a notified thread, in nanoseconds.
  private var since: UInt64 = 0
  /// Nanoseconds that a notified thread looks before it sleeps. Doubles when a sleep turned out so short that looking on would
  /// have been cheaper, halves when one turned out long: as KVM polls for a halted vCPU. Time, not a number of looks: one
  /// that asks the kernel for frames takes a microsecond, and meanwhile no other thread has the CPU, not even the worker that
  /// carries this thread's interrupts to the guest.
  private var spin: UInt64 = 0
  private static var leastSpin: UInt64 { 2000 }
  private static var mostSpin: UInt64 { 100_000 }
  /// On the only processor, looking keeps the guest from asking for anything.
  private static let isAlone = sysconf(Int32(_SC_NPROCESSORS_ONLN)) == 1
  /// A shorter sleep than this was not worth falling asleep for, in nanoseconds.
  private static var shortSleep: UInt64 { 200_000 }

  init(_ mode: ServiceMode) {
    self.mode = mode
  }

  /// There was something to do.
  @inline(__always)
  mutating func rouse() { looks = 0 }

  /// Passes the time until the next look.
  /// - Returns: false when it is time to sleep instead.
  mutating func pause() -> Bool {
    looks &+= 1
    guard case .polled(let policy) = mode else {
      guard spin > 0 else { return false }
      let now = MonotonicClock.now
      if looks == 1 { since = now }
      guard now &- since < spin else { return false }
      nm_relax()
      return true
    }
    if looks <= policy.eagerLooks {
      nm_relax()
      return true
    }
    let patient = looks - policy.eagerLooks
    guard patient <= policy.patientLooks else { return false }
    for _ in 0..<(1 << min(6, patient >> 6)) { nm_relax() }
    return true
  }

  /// Sleeps until something was signalled, and learns from how long that took.
  /// - Parameter isParked: the sleep is none of the guest's doing, and teaches nothing.
  mutating func sleep(_ waiter: borrowing ServiceWaiter, isParked: Bool) {
    if isParked || Self.isAlone { return waiter.wait(milliseconds: QueueHandover.sleepLimit) }
    let start = MonotonicClock.now
    waiter.wait(milliseconds: QueueHandover.sleepLimit)
    let wasShort = MonotonicClock.now &- start < Self.shortSleep
    spin = wasShort ? min(Self.mostSpin, max(Self.leastSpin, spin &* 2)) : spin / 2
  }
}
