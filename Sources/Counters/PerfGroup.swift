import CLinux
import LinuxSystem
import SystemPackage

/// Perf events of one thread that are put on the processor together or not at all, and read by one system call.
public struct PerfGroup: ~Copyable, Sendable {
  private let leader: PerfEvent
  private let members: [PerfEventBox]
  /// What it counts, in the order of the readings.
  public let kinds: [PerfEventKind]
  /// What the kernel would not count, and why.
  public let refused: [(kind: PerfEventKind, error: SystemError)]

  /// Opens a group. An event that is refused is left out; the first that opens leads. It starts disabled.
  /// - Parameters:
  ///   - wanted: at least one event.
  ///   - thread: a thread id of this process; 0 is the calling thread.
  ///   - side: whose code counts.
  ///   - userOnly: leaves out what the kernel does on the thread's behalf; unprivileged processes may have to.
  /// - Throws: the first event's refusal when none opens.
  public init(
    _ wanted: [PerfEventKind], thread: Int32 = 0, side: PerfSide = .both, userOnly: Bool = false
  ) throws(SystemError) {
    precondition(!wanted.isEmpty, "a group has an event")
    var refused: [(kind: PerfEventKind, error: SystemError)] = []
    var rest = wanted[...]
    var first: PerfEvent?
    while first == nil, let kind = rest.popFirst() {
      do throws(SystemError) {
        first = try PerfEvent(
          kind, thread: thread, userOnly: userOnly, side: side, leader: -1, readsGroup: true)
      } catch { refused.append((kind, error)) }
    }
    guard let leader = first.take() else { throw refused[0].error }
    var kinds = [leader.kind]
    var members: [PerfEventBox] = []
    for kind in rest {
      do throws(SystemError) {
        members.append(
          PerfEventBox(
            try PerfEvent(
              kind, thread: thread, userOnly: userOnly, side: side, leader: leader.descriptor.rawValue,
              readsGroup: true)))
        kinds.append(kind)
      } catch { refused.append((kind, error)) }
    }
    self.leader = leader
    (self.members, self.kinds, self.refused) = (members, kinds, refused)
  }

  /// Counts from now on.
  public borrowing func enable() throws(SystemError) { try leader.enable() }

  /// Stops counting; the counts stay.
  public borrowing func disable() throws(SystemError) { try leader.disable() }

  /// Every event's count, in the order of ``kinds``. For a thread that runs on another CPU the kernel asks that CPU.
  public borrowing func read() throws(SystemError) -> [PerfReading] {
    // The number of events, the two times, then a value each (perf_event_open(2), PERF_FORMAT_GROUP).
    var words = [UInt64](repeating: 0, count: 3 + kinds.count)
    let size = words.count * 8
    let descriptor = leader.descriptor.rawValue
    let count = try systemCall("read the perf events \(names)") { unsafe CLinux.read(descriptor, &words, size) }
    guard count == size else { throw SystemError("read the perf events \(names)", .ioError) }
    return words[3...].map { PerfReading(value: $0, timeEnabled: words[1], timeRunning: words[2]) }
  }

  private var names: String { kinds.map(\.name).joined(separator: ", ") }
}
