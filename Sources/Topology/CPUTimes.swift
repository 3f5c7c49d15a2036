import LinuxSystem

/// Where a CPU's time went since boot, from `/proc/stat`, in clock ticks (`USER_HZ`: 1/100 s on x86).
public struct CPUTimes: Equatable, Sendable {
  /// User, nice, system, idle, waiting for I/O, interrupts, soft interrupts and steal together. Guest time is in user.
  public let total: UInt64
  /// Time in which this CPU was ready to run but the hypervisor below ran something else.
  public let steal: UInt64
  /// Idle or waiting for I/O.
  public let idle: UInt64
  /// In user space or in guests, nice or not.
  public let user: UInt64

  public init(total: UInt64, steal: UInt64, idle: UInt64, user: UInt64) {
    (self.total, self.steal, self.idle, self.user) = (total, steal, idle, user)
  }

  /// All CPUs' times by number; nil is the sum that the kernel prints.
  public static func all(files: HostFiles = HostFiles()) throws(Unavailable) -> [Int?: CPUTimes] {
    var times: [Int?: CPUTimes] = [:]
    for line in try files.lines("/proc/stat") where line.hasPrefix("cpu") {
      let words = line.split(separator: " ")
      let numbers = words.dropFirst().prefix(8).compactMap { UInt64($0) }
      guard numbers.count == 8 else { throw Unavailable("/proc/stat: expected 8 numbers in \"\(line)\"") }
      let cpu = Int(words[0].dropFirst(3))
      guard cpu != nil || words[0] == "cpu" else { continue }
      times[cpu] = CPUTimes(
        total: numbers.reduce(0, &+), steal: numbers[7], idle: numbers[3] &+ numbers[4], user: numbers[0] &+ numbers[1])
    }
    return times
  }
}
