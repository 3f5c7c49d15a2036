/// What a journal says of the steps.
public struct JournalState: Sendable, Equatable {
  public private(set) var finished: Set<String> = []
  /// With what is known of the crash.
  public private(set) var crashes: [String: String] = [:]
  public private(set) var refusals: [String: String] = [:]
  /// The beginning of a step that did not end.
  public private(set) var open: JournalEntry?
  public private(set) var isComplete = false

  public init(_ entries: [JournalEntry]) {
    for entry in entries {
      if let step = entry.step { take(entry, step) }
      if entry.event == .completed { isComplete = true }
    }
  }

  private mutating func take(_ entry: JournalEntry, _ step: String) {
    open = entry.event == .started ? entry : nil
    switch entry.event {
    case .finished: finished.insert(step)
    case .crashed: crashes[step] = entry.reason ?? ""
    case .refused: refusals[step] = entry.reason ?? ""
    case .begun, .started, .paused, .completed: break
    }
  }

  /// Whether a step has ended, one way or another.
  package func hasEnded(_ step: String) -> Bool {
    finished.contains(step) || crashes[step] != nil || refusals[step] != nil
  }
}
