import CLinux
import LinuxSystem
import SystemPackage
import Topology

/// What one thread has used since it started.
public struct ThreadTimes: Equatable, Sendable {
  /// CPU time in nanoseconds, user and system together, from the thread's CPU clock.
  public let cpu: UInt64
  /// CPU time in user and in system mode, in microseconds. The kernel splits ``cpu`` in the ratio of sampled ticks; read for
  /// another thread it comes in steps of 10 000.
  public let user: UInt64
  public let system: UInt64
  /// Times that the thread gave up its CPU by waiting, and times that it was taken from it.
  public let voluntarySwitches: UInt64
  public let involuntarySwitches: UInt64
  /// Page faults without and with a read from a disk.
  public let minorFaults: UInt64
  public let majorFaults: UInt64
  /// Nanoseconds for which the thread was ready to run and waited for a CPU; nil for the calling thread's own, cheap reading
  /// and on kernels without `CONFIG_SCHED_INFO`.
  public let runDelay: UInt64?

  /// The calling thread's, by two system calls and without opening a file: fit for the edges of a measured window.
  public static func current() throws(Unavailable) -> ThreadTimes {
    var usage = nm_thread_usage()
    let code = unsafe nm_current_thread_usage(&usage)
    guard code == 0 else { throw Unavailable("getrusage: \(Errno(rawValue: code))") }
    return ThreadTimes(
      cpu: try clock(CLOCK_THREAD_CPUTIME_ID), user: usage.user_microseconds, system: usage.system_microseconds,
      voluntarySwitches: usage.voluntary_switches, involuntarySwitches: usage.involuntary_switches,
      minorFaults: usage.minor_faults, majorFaults: usage.major_faults, runDelay: nil)
  }

  /// Any thread's, from `/proc/PID/task/TID` and, in this process, its CPU clock.
  /// - Parameters:
  ///   - thread: its kernel thread id (`gettid`).
  ///   - process: the process that it belongs to; nil is this one.
  /// - Throws: `Unavailable` when the thread is gone, or when the kernel tells no times (`CONFIG_SCHED_INFO`) of another
  ///   process's threads.
  public static func of(thread: Int32, process: Int32? = nil) throws(Unavailable) -> ThreadTimes {
    let (files, folder) = (HostFiles(), "\(tasks(of: process))/\(thread)")
    let stat = try statistics(files, "\(folder)/stat")
    let status = try files.lines("\(folder)/status")
    let schedule = Result { () throws(Unavailable) in
      try files.text("\(folder)/schedstat").split(separator: " ").compactMap { UInt64($0) }
    }
    let cpu: UInt64
    if process == nil {
      cpu = try Self.cpu(of: thread)
    } else {
      guard let first = try schedule.get().first else { throw Unavailable("\(folder)/schedstat is empty") }
      cpu = first
    }
    return ThreadTimes(
      cpu: cpu, user: stat[11] * 10_000, system: stat[12] * 10_000,
      voluntarySwitches: try field("voluntary_ctxt_switches", status),
      involuntarySwitches: try field("nonvoluntary_ctxt_switches", status), minorFaults: stat[7], majorFaults: stat[9],
      runDelay: (try? schedule.get())?.dropFirst().first)
  }

  /// CPU nanoseconds of any thread of this process, by one system call. A thread's clock has its id in the upper bits: the
  /// kernel's ABI behind pthread_getcpuclockid.
  /// - Throws: `Unavailable` when the thread is gone.
  public static func cpu(of thread: Int32) throws(Unavailable) -> UInt64 { try clock(~thread << 3 | 6) }

  /// CPU nanoseconds of all threads of any process, those included that have ended, by one system call (clock_getcpuclockid(3)).
  /// - Throws: `Unavailable` when the process is gone.
  public static func cpu(ofProcess process: Int32) throws(Unavailable) -> UInt64 { try clock(~process << 3 | 2) }

  /// All threads of a process by thread id, those left out that end meanwhile. Times of threads that ended before are lost.
  public static func all(process: Int32? = nil) throws(Unavailable) -> [Int32: ThreadTimes] {
    var times: [Int32: ThreadTimes] = [:]
    for name in try HostFiles().entries(tasks(of: process)) {
      guard let thread = Int32(name) else { continue }
      times[thread] = try? of(thread: thread, process: process)
    }
    return times
  }

  private static func tasks(of process: Int32?) -> String {
    "/proc/\(process.map { "\($0)" } ?? "self")/task"
  }

  /// What was used between an earlier reading of the same thread and this one.
  public func since(_ earlier: ThreadTimes) -> ThreadTimes {
    var delay: UInt64?
    if let runDelay, let before = earlier.runDelay { delay = runDelay &- before }
    return ThreadTimes(
      cpu: cpu &- earlier.cpu, user: user &- earlier.user, system: system &- earlier.system,
      voluntarySwitches: voluntarySwitches &- earlier.voluntarySwitches,
      involuntarySwitches: involuntarySwitches &- earlier.involuntarySwitches,
      minorFaults: minorFaults &- earlier.minorFaults, majorFaults: majorFaults &- earlier.majorFaults, runDelay: delay)
  }

  private static func clock(_ id: clockid_t) throws(Unavailable) -> UInt64 {
    var time = timespec()
    guard unsafe clock_gettime(id, &time) == 0 else {
      throw Unavailable("the thread's CPU clock: \(Errno(rawValue: nm_errno()))")
    }
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// The numbers after the command name, which may itself hold spaces and parentheses; the state letter counts as 0, so that
  /// index 0 is the state (field 3 of proc(5)) and index n is field n + 3.
  private static func statistics(_ files: HostFiles, _ path: String) throws(Unavailable) -> [UInt64] {
    let text = try files.text(path)
    guard let end = text.lastIndex(of: ")") else { throw Unavailable("\(path): no command name") }
    let numbers = text[text.index(after: end)...].split(separator: " ").map { UInt64($0) ?? 0 }
    guard numbers.count > 12 else { throw Unavailable("\(path): only \(numbers.count) fields after the name") }
    return numbers
  }

  private static func field(_ name: String, _ lines: [Substring]) throws(Unavailable) -> UInt64 {
    guard let line = lines.first(where: { $0.hasPrefix("\(name):") }),
      let value = line.split(whereSeparator: \.isWhitespace).last.flatMap({ UInt64($0) })
    else { throw Unavailable("the thread's status has no field \(name)") }
    return value
  }
}
