import Results

/// What the counters are worth on the host, by the audit at the run's beginning.
struct AuditView {
  struct Check {
    let counter: String
    let work: String
    let known: String
    let counted: String
    /// `trusted` or `untrusted` as the counter's worst check has it; also the name of a style.
    let trust: String
    let verdict: String
    let why: String
  }

  struct Group {
    let names: String
    let reason: String
    let remedy: String
  }

  /// One sentence; says how to get an audit where there is none.
  let summary: String
  let checks: [Check]
  let hasChecks: Bool
  let unavailable: [Group]
  let hasUnavailable: Bool

  init(_ audit: AuditRecord?) {
    guard let audit else {
      summary =
        "This result has no audit of its counters: run it again with this version, or see nearmetal counters audit."
      (checks, hasChecks, unavailable, hasUnavailable) = ([], false, [], false)
      return
    }
    let wrong = audit.untrusted
    summary =
      wrong.isEmpty
      ? "Every counter that could be held against a known number counted it."
      : "Not to be trusted: \(wrong.joined(separator: ", ")). Their values are marked with ✗ wherever they stand."
    checks = audit.checks.map { check in
      Check(
        counter: check.counter, work: check.work, known: check.known.map { Figure.value(Double($0)) } ?? "",
        counted: check.counted.map { Figure.value(Double($0)) } ?? "", trust: audit.trust(of: check.counter).rawValue,
        verdict: check.verdict.rawValue, why: check.why ?? "")
    }
    hasChecks = !checks.isEmpty
    unavailable = audit.unavailable.map {
      Group(names: $0.names.joined(separator: ", "), reason: $0.reason, remedy: $0.remedy)
    }
    hasUnavailable = !unavailable.isEmpty
  }
}
