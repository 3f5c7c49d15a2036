import Definitions
import LinuxSystem
import Synchronization

/// Listens to a Linux guest's console and takes the times: by the host's clock, whatever the guest's own says. Any thread.
final class LinuxObserver: Sendable {
  private struct State: Sendable {
    var console: LinuxConsole
    var times: [LinuxConsole.Stage: UInt64] = [:]
  }

  private let state: Mutex<State>
  private let job: LinuxSpecification.Job
  private let began: UInt64

  /// - Parameter began: when the machine's creation began, on `MonotonicClock`.
  init(_ task: LinuxTask, _ job: LinuxSpecification.Job, began: UInt64) {
    state = Mutex(State(console: LinuxConsole(token: task.token)))
    self.job = job
    self.began = began
  }

  /// Takes the next byte.
  /// - Returns: the stage that the guest has reached with it, nil for none; and whether nothing more is to be expected of the guest.
  func receive(_ byte: UInt8) -> (stage: LinuxConsole.Stage?, isOver: Bool) {
    state.withLock { state in
      let stage = state.console.receive(byte)
      if let stage { state.times[stage] = MonotonicClock.now }
      return (stage, state.console.isOver)
    }
  }

  /// Whether nothing more is to be expected of the guest.
  var isOver: Bool { state.withLock { $0.console.isOver } }

  /// What the guest comes to.
  /// - Parameters:
  ///   - end: how the machine ended, for a guest that did not come to its own end.
  ///   - host: the version that this host has of the tool that the job is; nil where it has none.
  func conclusion(_ end: String, host: String?) -> LinuxConclusion {
    let (console, times) = state.withLock { ($0.console, $0.times) }
    if let problem = console.problem { return .failed("the guest said what makes no sense: \(problem)") }
    guard console.stage == .done else {
      let lines = console.lastLines
      if let panic = lines.last(where: { $0.contains("Kernel panic") }) {
        return .failed("the guest's kernel gave up: \(panic.prefix(160))")
      }
      let shown = LinuxAnswer.shown(lines)
      return .failed(
        "\(end), \(Self.phrase(console.stage))" + (shown.isEmpty ? "" : "; its console said last: \(shown)"))
    }
    var figures = LinuxFigures()
    func elapsed(_ stage: LinuxConsole.Stage, since start: UInt64) -> UInt64? { times[stage].map { $0 - start } }
    (figures.hello, figures.ready) = (elapsed(.hello, since: began), elapsed(.ready, since: began))
    figures.uptime = console.uptime
    guard job != .boot else { return .figures(figures) }
    guard let start = times[.start], let time = elapsed(.stop, since: start), let status = console.status else {
      return .failed("the guest came to its end without the job")
    }
    // Two lines that arrive together are no two times.
    figures.time = max(1, time)
    let answer = LinuxAnswer(
      job: job, status: status, output: console.answers[.output] ?? [], results: console.answers[.results])
    return answer.lack.map { .skipped($0) } ?? answer.conclusion(figures, host: host)
  }

  private static func phrase(_ stage: LinuxConsole.Stage) -> String {
    switch stage {
    case .silent: "before its first process said a word (it needs what ci/linux/init does)"
    case .hello: "before it was ready"
    case .ready, .start: "before its job had ended"
    case .stop, .done: "before it had given all answers"
    }
  }
}
