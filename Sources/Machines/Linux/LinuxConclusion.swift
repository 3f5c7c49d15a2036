/// What a session under Linux comes to.
enum LinuxConclusion {
  case figures(LinuxFigures)
  /// There is nothing there to do the job with; why, and what to do.
  case skipped(String)
  case failed(String)
}

extension SessionOutcome {
  mutating func conclude(_ conclusion: LinuxConclusion) {
    switch conclusion {
    case .figures(let figures): linux = figures
    case .skipped(let reason): skipped = reason
    case .failed(let reason): failure = reason
    }
  }
}
