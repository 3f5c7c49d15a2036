import Results
import Verdicts

extension KeptRun {
  /// Holds a run that is to go on against what it was.
  /// - Parameter now: the run as it would begin here and now.
  /// - Throws: what differs: legs of both parts could not be compared with each other.
  func check(_ now: RunRecord, fingerprint: String) throws(RunError) {
    let then = result.run
    let difference: String? =
      if result.host.fingerprint != fingerprint {
        "the host is another one, or set up otherwise: its fingerprint differs"
      } else if then.tool.version != now.tool.version || then.tool.revision != now.tool.revision {
        "it was begun by version \(then.tool.version), revision \(then.tool.revision), and this is version "
          + "\(now.tool.version), revision \(now.tool.revision)"
      } else if then.buildConfiguration != now.buildConfiguration {
        "it was begun by a \(then.buildConfiguration.rawValue) build, and this is a \(now.buildConfiguration.rawValue) build"
      } else if then.suite != now.suite || then.content != now.content {
        "the suite \(then.suite) is another one now"
      } else if then.placement != now.placement {
        "its legs would be placed otherwise now"
      } else if then.image != now.image { "the disk that it measured on is another one now" } else { nil }
    if let difference { throw .otherRun("the run \(then.id) cannot go on: \(difference)") }
  }

  /// What a journal kept as a result of its own: compared and judged as far as it came.
  public func concluded(claims: [Claim]) -> RunResult {
    var result = result
    result.conclude(claims: claims)
    return result
  }
}
