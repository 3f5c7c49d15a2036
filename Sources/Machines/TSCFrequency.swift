import KVM
import LinuxSystem

/// How fast the time-stamp counter runs.
public enum TSCFrequency {
  /// Ticks a millisecond: what KVM says, else what measuring it says.
  public static func find() -> UInt64 {
    if let system = try? System(), let machine = try? system.createVirtualMachine(),
      let frequency = machine.tscFrequency()
    {
      return frequency
    }
    return MonotonicClock.tscFrequency()
  }
}
