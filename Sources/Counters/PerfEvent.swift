import CLinux
import CPfm
import LinuxSystem
import SystemPackage

/// An open perf event that counts for one thread, or for one CPU. It starts disabled.
public struct PerfEvent: ~Copyable, Sendable {
  /// What it counts.
  public let kind: PerfEventKind
  let descriptor: Descriptor

  /// Opens an event.
  /// - Parameters:
  ///   - kind: what to count.
  ///   - thread: a thread id; 0 is the calling thread, -1 every thread of `cpu`, which needs `CAP_PERFMON` or
  ///     `perf_event_paranoid` below 1.
  ///   - cpu: -1 for wherever the thread runs.
  ///   - userOnly: leaves out what the kernel does on the thread's behalf; unprivileged processes may have to.
  ///   - side: whether to count while the host's code runs, a guest's, or both. Means nothing to software events.
  /// - Throws: `SystemError` with advice for the errno; ENOENT means that the host has no hardware counters.
  public init(
    _ kind: PerfEventKind, thread: Int32 = 0, cpu: Int32 = -1, userOnly: Bool = false, side: PerfSide = .both
  ) throws(SystemError) {
    try self.init(kind, thread: thread, cpu: cpu, userOnly: userOnly, side: side, leader: -1, readsGroup: false)
  }

  /// - Parameters:
  ///   - leader: descriptor of the group's leader; -1 for an event of its own.
  ///   - readsGroup: a read gives every event of the group.
  init(
    _ kind: PerfEventKind, thread: Int32, cpu: Int32 = -1, userOnly: Bool = false, side: PerfSide, leader: Int32,
    readsGroup: Bool
  ) throws(SystemError) {
    var attributes = perf_event_attr()
    attributes.size = UInt32(MemoryLayout<perf_event_attr>.size)
    attributes.type = kind.type
    attributes.config = kind.configuration
    attributes.config1 = kind.configuration1
    attributes.config2 = kind.configuration2
    // A member starts and stops with its leader.
    attributes.disabled = leader < 0 ? 1 : 0
    attributes.exclude_user = kind.excludesUser ? 1 : 0
    attributes.exclude_kernel = userOnly || kind.excludesKernel ? 1 : 0
    attributes.exclude_hv = userOnly ? 1 : 0
    attributes.exclude_host = side == .guest ? 1 : 0
    attributes.exclude_guest = side == .host ? 1 : 0
    attributes.read_format = UInt64(
      PERF_FORMAT_TOTAL_TIME_ENABLED.rawValue | PERF_FORMAT_TOTAL_TIME_RUNNING.rawValue
        | (readsGroup ? PERF_FORMAT_GROUP.rawValue : 0))
    // PERF_FLAG_FD_CLOEXEC
    let fd = unsafe perf_event_open(&attributes, thread, cpu, leader, 1 << 3)
    let code = Errno(rawValue: nm_errno())
    guard fd >= 0 else {
      throw SystemError("open the perf event \(kind.name)", code, advice: PerfRefusal(code).advice)
    }
    let descriptor = Descriptor(owning: fd)
    if let filter = kind.filter {
      let answer = unsafe filter.withCString { text in
        // The request only reads the text.
        unsafe nm_ioctl_pointer(
          descriptor.rawValue, nm_PERF_EVENT_IOC_SET_FILTER, UnsafeMutableRawPointer(mutating: text))
      }
      guard answer >= 0 else {
        throw SystemError(
          "filter the perf event \(kind.name) by \"\(filter)\"", Errno(rawValue: nm_errno()),
          advice: "This kernel's event has other fields.")
      }
    }
    self.descriptor = descriptor
    self.kind = kind
  }

  /// Counts from now on.
  public borrowing func enable() throws(SystemError) { try request(nm_PERF_EVENT_IOC_ENABLE, "enable") }

  /// Stops counting; the count stays.
  public borrowing func disable() throws(SystemError) { try request(nm_PERF_EVENT_IOC_DISABLE, "disable") }

  /// Sets the count to zero. The times go on: a reading's times are since the event was first enabled.
  public borrowing func reset() throws(SystemError) { try request(nm_PERF_EVENT_IOC_RESET, "reset") }

  private borrowing func request(_ code: UInt, _ verb: String) throws(SystemError) {
    guard nm_ioctl_value(descriptor.rawValue, code, 0) >= 0 else {
      throw SystemError("\(verb) the perf event \(kind.name)", Errno(rawValue: nm_errno()))
    }
  }

  /// The count and its times, whether the event is enabled or not.
  public borrowing func read() throws(SystemError) -> PerfReading {
    var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
    let size = MemoryLayout.size(ofValue: words)
    let file = descriptor.rawValue
    let count = try systemCall("read the perf event \(kind.name)") { unsafe CLinux.read(file, &words, size) }
    // A pinned event that could not be scheduled reads as an end of file.
    guard count == size else { throw SystemError("read the perf event \(kind.name)", .ioError) }
    return PerfReading(value: words.0, timeEnabled: words.1, timeRunning: words.2)
  }
}
