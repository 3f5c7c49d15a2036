import Results

/// Claims on a terminal: a line each.
struct ClaimScreen {
  private let claims: [ClaimRecord]
  private let isWide: Bool

  init(_ claims: [ClaimRecord], isWide: Bool) {
    self.claims = claims
    self.isWide = isWide
  }

  private static let verdictWidth = 13
  private static let marginWidth = 8

  /// Failed claims first, then those that are undecided, then those that hold; in their order within each.
  var lines: Screen {
    let name = min(32, claims.map(\.id.count).max() ?? 0) + 1
    let figures = (claims.map { Self.figures($0).count }.max() ?? 0) + 1
    var screen = Screen()
    for verdict in [ClaimVerdict.fail, .inconclusive, .pass] {
      for claim in claims where Self.shown(claim) == verdict {
        let words = Self.remark(claim)
        let head = [
          Screen.Span(verdict.rawValue, Self.role(verdict), width: Self.verdictWidth),
          Screen.Span(claim.id, width: isWide ? max(name, claim.id.count) : name),
        ]
        let sentence = isWide ? [Screen.Span("  \(claim.text)")] : []
        if claim.ratio == nil {
          screen.line(spans: head + [Screen.Span(words, .faint)] + sentence)
        } else {
          screen.line(
            spans: head + [
              Screen.Span(Self.figures(claim), width: figures),
              Screen.Span(Self.margin(claim), width: Self.marginWidth), Screen.Span(words, .faint),
            ] + sentence)
        }
      }
    }
    return screen
  }

  /// What the evidence carries of a verdict.
  private static func shown(_ claim: ClaimRecord) -> ClaimVerdict {
    claim.verdict == .pass && !Wording.isSupported(claim) ? .inconclusive : claim.verdict
  }

  static func role(_ verdict: ClaimVerdict) -> Screen.Role {
    switch verdict {
    case .pass: .good
    case .fail: .bad
    case .inconclusive: .doubtful
    }
  }

  /// What stands for all of them.
  static func role(_ claims: [ClaimRecord]) -> Screen.Role {
    if claims.contains(where: { $0.verdict == .fail }) { return .bad }
    return claims.allSatisfy(Wording.isSupported) ? .good : .doubtful
  }

  private static func figures(_ claim: ClaimRecord) -> String {
    claim.ratio == nil ? "" : ClaimRow.figures(claim)
  }

  private static func margin(_ claim: ClaimRecord) -> String {
    switch claim.test {
    case .runs: ""
    case .count: "≤ \(Figure.short(claim.margin))"
    case .nonInferiority, .superiority, nil: "≥ \(Figure.short(claim.margin))"
    }
  }

  private static func remark(_ claim: ClaimRecord) -> String {
    let weight = claim.requirement == .blocker ? "blocker" : claim.requirement == .optional ? "optional" : ""
    var words = weight.isEmpty ? [] : [weight]
    if shown(claim) != claim.verdict {
      words.append("the interval does not carry the recorded verdict")
    } else if let reason = claim.reason {
      words.append(reason)
    } else if claim.verdict == .inconclusive {
      words.append(claim.blocksToDecide.map { "about \($0) blocks decide" } ?? "more blocks alone do not decide")
    }
    return words.joined(separator: "; ")
  }
}
