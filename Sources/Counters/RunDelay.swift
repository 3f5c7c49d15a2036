import CLinux
import LinuxSystem

/// How long a thread of this process was ready to run and had to wait for a CPU, read by one system call each time.
public struct RunDelay: ~Copyable, Sendable {
  private let file: Descriptor

  /// - Parameter thread: its kernel thread id (`gettid`).
  /// - Throws: `SystemError` where the thread is gone, or the kernel does not tell (`CONFIG_SCHED_INFO`).
  public init(thread: Int32) throws(SystemError) {
    file = try Descriptor.open("/proc/self/task/\(thread)/schedstat", O_RDONLY)
  }

  /// Nanoseconds since the thread began, the second field of `schedstat` (Documentation/scheduler/sched-stats.rst); nil once the
  /// thread is gone.
  public func read() -> UInt64? {
    let descriptor = file.rawValue
    return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 80) { buffer in
      guard let count = try? systemCall({ unsafe pread(descriptor, buffer.baseAddress, buffer.count, 0) }), count > 0
      else {
        return nil
      }
      var value: UInt64?
      var field = 0
      for index in 0..<count {
        let byte = unsafe buffer[index]
        if byte == 0x20 {
          field += 1
          if field == 2 { break }
        } else if field == 1, byte >= 0x30, byte <= 0x39 {
          value = (value ?? 0) &* 10 &+ UInt64(byte &- 0x30)
        }
      }
      return value
    }
  }
}
