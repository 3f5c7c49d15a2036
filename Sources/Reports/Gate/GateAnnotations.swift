import Foundation
import Results
import Verdicts

/// A gate's findings in the form in which CI systems show them beside a change: regressions and whatever else fails the gate
/// as errors, what is inconclusive as warnings.
public enum GateAnnotations: String, CaseIterable, Sendable {
  /// Workflow commands of GitHub Actions, one a line, to be printed by a step.
  case github
  /// GitLab's code quality report, a JSON array (a subset of Code Climate's format), to be kept as an artifact.
  case gitlab

  /// The annotations as text, with a newline at the end; empty for GitHub where there is none.
  public func render(_ verdict: GateVerdict) throws(ReportError) -> String {
    let findings = verdict.findings.compactMap { Finding($0, verdict) }
    switch self {
    case .github: return findings.map(\.command).joined()
    case .gitlab:
      do throws(JSONProblem) {
        return String(decoding: try JSONText.encode(findings.map(\.issue)), as: UTF8.self)
      } catch {
        throw .template(name: "code quality", reason: "\(error)")
      }
    }
  }

  private struct Finding {
    let comparison: GateComparison
    let isError: Bool

    /// Nil where there is nothing to say.
    init?(_ comparison: GateComparison, _ verdict: GateVerdict) {
      isError = comparison.outcome == .regression || verdict.options.failOn.contains(comparison.outcome)
      guard isError || comparison.outcome == .inconclusive else { return nil }
      self.comparison = comparison
    }

    /// A workflow command: `::error title=…::…`. What could end a property or the line is percent-encoded, as GitHub's
    /// own toolkit does.
    var command: String {
      let title = Self.escape("NearMetal: \(comparison.outcome.rawValue)")
        .replacingOccurrences(of: ":", with: "%3A").replacingOccurrences(of: ",", with: "%2C")
      return "::\(isError ? "error" : "warning") title=\(title)::\(Self.escape(GateText.line(comparison)))\n"
    }

    var issue: Issue {
      Issue(
        description: TextColumns.clean(GateText.line(comparison)),
        checkName: "nearmetal.\(comparison.outcome.rawValue)",
        fingerprint: Self.fingerprint(comparison.name), severity: isError ? "major" : "minor",
        location: Issue.Location(path: comparison.workload.id, lines: Issue.Lines(begin: 1)))
    }

    private static func escape(_ text: String) -> String {
      TextColumns.clean(text).replacingOccurrences(of: "%", with: "%25")
    }

    /// The same comparison keeps its fingerprint from run to run, so that GitLab can tell new findings from old ones:
    /// FNV-1a 64 of its name.
    private static func fingerprint(_ name: String) -> String {
      let hash = name.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
      let digits = String(hash, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
  }

  /// What GitLab asks of each entry.
  private struct Issue: Encodable {
    struct Lines: Encodable {
      let begin: Int
    }
    struct Location: Encodable {
      let path: String
      let lines: Lines
    }
    enum CodingKeys: String, CodingKey {
      case description, fingerprint, severity, location
      case checkName = "check_name"
    }

    let description: String
    let checkName: String
    let fingerprint: String
    let severity: String
    let location: Location
  }
}
