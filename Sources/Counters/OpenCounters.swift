import LinuxSystem

/// A leg's perf events on its threads, counting from when they were opened: a window's counts are differences of readings,
/// since starting and stopping a counter costs more than reading it.
public final class OpenCounters: Sendable {
  /// A thread of a leg.
  public struct Thread: Sendable {
    /// "workload", "io", "vcpu1".
    public let name: String
    /// Kernel thread id.
    public let id: Int32
    public let runsGuest: Bool

    public init(_ name: String, id: Int32, runsGuest: Bool) {
      (self.name, self.id, self.runsGuest) = (name, id, runsGuest)
    }
  }

  /// Names a count of a leg.
  public struct Key: Codable, Hashable, Sendable {
    public let thread: String
    public let event: String
    public let side: PerfSide

    public init(thread: String, event: String, side: PerfSide) {
      (self.thread, self.event, self.side) = (thread, event, side)
    }
  }

  private final class Opened: Sendable {
    let group: PerfGroup
    let thread: String
    let side: PerfSide

    init(_ group: consuming PerfGroup, _ thread: String, _ side: PerfSide) {
      (self.thread, self.side) = (thread, side)
      self.group = group
    }
  }

  private let groups: [Opened]

  /// Opens and starts what can be opened. An event that the plan found to open and that does not open here, for want of
  /// descriptors for example, is absent from the readings.
  public init(_ plan: [CounterGroup], on threads: [Thread]) {
    var groups: [Opened] = []
    for thread in threads {
      for wanted in plan where wanted.threads.includes(thread) {
        guard let group = try? PerfGroup(wanted.kinds, thread: thread.id, side: wanted.side) else { continue }
        groups.append(Opened(group, thread.name, wanted.side))
      }
    }
    self.groups = groups
    for opened in groups { try? opened.group.enable() }
  }

  /// Every count as it stands.
  public func read() -> [Key: PerfReading] {
    var all: [Key: PerfReading] = [:]
    for opened in groups {
      guard let readings = try? opened.group.read() else { continue }
      for (kind, reading) in zip(opened.group.kinds, readings) {
        all[Key(thread: opened.thread, event: kind.name, side: opened.side)] = reading
      }
    }
    return all
  }
}

extension CounterGroup.Threads {
  func includes(_ thread: OpenCounters.Thread) -> Bool {
    switch self {
    case .all: true
    case .vcpus: thread.runsGuest
    case .others: !thread.runsGuest
    }
  }
}
