import CLinux
import LinuxSystem
import Probe
import Results
import Synchronization

/// A guest, or what stands for one, in a process of its own: a copy of this one, confined before its guest's first instruction.
/// Whatever ends it ends its work and no more.
public final class ConfinedProcess: Sendable {
  /// How far its work came; for the reason of a process that died.
  public enum Stage: UInt64, Sendable {
    case beginning
    case preparing
    case running
    case finishing

    var phrase: String {
      switch self {
      case .beginning: "before it began"
      case .preparing: "while it was prepared"
      case .running: "while its work went on"
      case .finishing: "after its work had ended"
      }
    }
  }

  /// What came of it: the records that its guest sent, and what it said at its end, or why it said nothing.
  public struct Ending: Sendable {
    public let records: RecordStream
    public let outcome: SessionOutcome
  }

  private enum Word {
    static let stage = 0
    /// The number of a system call that the filter refused, plus one.
    static let refused = 1
    static let count = 2
  }

  /// How long work that was asked to end may take, in nanoseconds: longer than its own threads have.
  public static let usualGrace: UInt64 = 8_000_000_000

  private let words: SharedWords
  private let mail: SessionMail
  private let request: EventCounter
  private let process: ProcessHandle
  private let grace: UInt64
  private let isMadeToEnd = Atomic<Bool>(false)

  /// Starts it.
  /// - Parameters:
  ///   - grace: nanoseconds that work which was asked to end may take before the process is killed.
  ///   - body: all that the process does; it enters the confinement before a guest runs.
  public init(
    grace: UInt64 = usualGrace, _ body: @escaping (Inside) -> SessionOutcome
  ) throws(SystemError) {
    self.grace = grace
    words = try SharedWords(count: Word.count)
    mail = try SessionMail()
    request = try EventCounter(nonBlocking: true)
    // Here, where it is done once and not in each process.
    try Confinement.prepare()
    let inside = Inside(words: words, writer: mail.writer, request: request.rawValue)
    process = try ProcessHandle.fork {
      nm_crash_plainly()
      // Whoever called may block the signal, and the threads of this process would inherit that.
      KickSignal.unblock()
      inside.writer.end(SessionReport(body(inside)))
    }
  }

  public var pid: Int32 { process.pid }

  /// Readable once the process has ended.
  var endDescriptor: Int32 { process.endDescriptor }

  /// How far its work came.
  var stage: Stage { Stage(rawValue: words[Word.stage]) ?? .beginning }

  /// Asks it to end. Any thread; what it has is kept.
  public func cancel() {
    isMadeToEnd.store(true, ordering: .relaxed)
    request.signal()
  }

  /// Waits for its end, and brings it about where it does not come by itself.
  /// - Parameter deadline: on `MonotonicClock`.
  public func finish(by deadline: UInt64) -> Ending {
    while !process.wait(until: min(deadline, MonotonicClock.now + 100_000_000)) {
      if isMadeToEnd.load(ordering: .relaxed) || MonotonicClock.now >= deadline { break }
    }
    var isKilled = false
    if !process.wait(until: 0) {
      request.signal()
      isKilled = !process.wait(until: MonotonicClock.now + grace)
      if isKilled {
        process.end()
        _ = process.wait(until: MonotonicClock.now + Self.usualGrace)
      }
    }
    let records = RecordStream()
    let report = mail.read { bytes in unsafe bytes.withUnsafeBytes { unsafe records.receive($0) } }
    let outcome =
      report?.outcome(records.results) ?? SessionOutcome(results: records.results, failure: death(isKilled))
    return Ending(records: records, outcome: outcome)
  }

  /// Why there is no report.
  private func death(_ isKilled: Bool) -> String {
    let stage = stage.phrase
    if isKilled { return "the session's process did not end when it was asked to, and was killed \(stage)" }
    let call = words[Word.refused]
    if call > 0 {
      return "the session's process was ended \(stage): its filter does not admit the system call "
        + CallFilter.name(Int(truncatingIfNeeded: call - 1))
    }
    return "the session's process died \(stage): \(process.ending ?? "it is gone")"
  }

  /// What the process itself has of it.
  public struct Inside: Sendable {
    fileprivate let words: SharedWords
    fileprivate let writer: SessionMail.Writer
    fileprivate let request: Int32

    /// To be entered before the guest's first instruction.
    public var confinement: Confinement { Confinement(words, word: Word.refused) }

    /// Keeps a record of the guest for whoever started the process.
    public func keep(_ record: [UInt8]) { writer.keep(record) }

    /// Tells how far the work came.
    public func reach(_ stage: Stage) { words[Word.stage] = stage.rawValue }

    /// What to call when the work is to end; once, on a thread that waits for that as long as the process lives.
    public func whenAskedToEnd(_ body: @escaping @Sendable () -> Void) {
      let thread = try? PinnedThread(name: "requests") { [request] in
        EventCounter.awaitSignal(of: request)
        body()
      }
      thread?.detach()
    }
  }
}
