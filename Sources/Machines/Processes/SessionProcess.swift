import CLinux
import Definitions
import LinuxSystem
import Probe
import Results
import Synchronization

/// A session in a process of its own: a copy of this one, confined before its guest's first instruction. Whatever ends it ends the
/// session's legs and no more.
final class SessionProcess: Sendable {
  /// How far a session came; for the reason of a leg whose process died.
  enum Stage: UInt64 {
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

  private enum Word {
    static let stage = 0
    /// The number of a system call that the filter refused, plus one.
    static let refused = 1
    static let count = 2
  }

  /// How long a session that was asked to end may take, in nanoseconds: longer than its own threads have.
  static let usualGrace: UInt64 = 8_000_000_000

  private let words: SharedWords
  private let mail: SessionMail
  private let request: EventCounter
  private let process: ProcessHandle
  private let grace: UInt64
  private let isMadeToEnd = Atomic<Bool>(false)

  /// Starts it: from now on the session is prepared and run.
  init(_ session: Session, _ context: SessionContext, grace: UInt64 = usualGrace) throws(SystemError) {
    self.grace = grace
    words = try SharedWords(count: Word.count)
    mail = try SessionMail()
    request = try EventCounter(nonBlocking: true)
    // Here, where it is done once and not in each process.
    try Confinement.prepare()
    let (words, writer, descriptor) = (self.words, mail.writer, request.rawValue)
    process = try ProcessHandle.fork { Self.child(session, context, words, writer, descriptor) }
    context.gate?.watch(process.endDescriptor)
  }

  var pid: Int32 { process.pid }

  /// How far the session came.
  var stage: Stage { Stage(rawValue: words[Word.stage]) ?? .beginning }

  /// Asks the session to end. Any thread; what it has is kept.
  func cancel() {
    isMadeToEnd.store(true, ordering: .relaxed)
    request.signal()
  }

  /// Waits for the session's end, and brings it about where it does not come by itself.
  /// - Parameter deadline: on `MonotonicClock`.
  func finish(by deadline: UInt64) -> SessionOutcome {
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
    if let report { return report.outcome(records.results) }
    return SessionOutcome(results: records.results, failure: death(isKilled))
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

  // MARK: The child

  /// All that the session's process does.
  private static func child(
    _ session: Session, _ context: SessionContext, _ words: SharedWords, _ writer: SessionMail.Writer, _ request: Int32
  ) {
    nm_crash_plainly()
    // Whoever called may block the signal, and the threads of this process would inherit that.
    KickSignal.unblock()
    var context = context
    // Nobody in this process waits for the user's signals.
    context.interruption = Interruption()
    context.confinement = Confinement(words, word: Word.refused)
    context.onRecord = { writer.keep($0) }
    words[Word.stage] = Stage.preparing.rawValue
    let outcome: SessionOutcome
    do throws(SessionObstacle) {
      let prepared = Box(try MachineTable[session.path.machine].prepare(session, context))
      listen(request, context.interruption, prepared)
      words[Word.stage] = Stage.running.rawValue
      prepared.session.run()
      words[Word.stage] = Stage.finishing.rawValue
      outcome = prepared.session.finish()
    } catch { outcome = error.outcome }
    writer.end(SessionReport(outcome))
    context.gate?.leave()
  }

  /// Waits for the wish that the session ends.
  private static func listen(_ request: Int32, _ interruption: Interruption, _ prepared: Box) {
    let thread = try? PinnedThread(name: "requests") {
      EventCounter.awaitSignal(of: request)
      interruption.request()
      prepared.session.cancel()
    }
    // It waits as long as the process lives.
    thread?.detach()
  }

  /// Hands a session to the thread that may have to end it.
  private struct Box: @unchecked Sendable {
    // @unchecked: `run` and `finish` are called by one thread, `cancel` by any.
    let session: any PreparedSession

    init(_ session: any PreparedSession) { self.session = session }
  }
}
