import Results
import Statistics

/// What may be said about a run. Praise needs an interval behind it.
enum Wording {
  /// A claim that holds, and whose interval is there to show it.
  static func isSupported(_ claim: ClaimRecord) -> Bool {
    guard claim.verdict == .pass, let low = claim.low, let high = claim.high else { return false }
    return claim.test == .count ? high <= claim.margin : low >= claim.margin
  }

  /// The claim with the highest margin among those that speak of a comparison.
  static func strictestClaim(on comparison: ComparisonRecord, in result: RunResult) -> ClaimRecord? {
    result.claims.filter { $0.speaks(of: comparison) }.max { $0.margin < $1.margin }
  }

  /// The report's first sentence.
  static func headline(_ result: RunResult) -> String {
    result.claims.isEmpty ? headlineWithoutClaims(result) : headline(result.claims, result.comparisons)
  }

  /// The same of claims, of which there is at least one.
  /// - Parameter comparisons: what they were decided by, as far as it is known.
  static func headline(_ records: [ClaimRecord], _ comparisons: [ComparisonRecord] = []) -> String {
    let count = records.count
    let failed = records.count { $0.verdict == .fail }
    let held = records.count(where: isSupported)
    let open = count - failed - held
    if failed > 0 {
      let blocking = records.count { $0.verdict == .fail && $0.requirement == .blocker }
      let weight = blocking > 0 ? " (\(blocking) of them blocking)" : ""
      let rest = open > 0 ? ", and the data cannot decide \(open)" : ""
      return "Not as claimed: \(claims(failed)) of \(count) \(failed == 1 ? "fails" : "fail")\(weight)\(rest)."
    }
    if open > 0 {
      return "Undecided: \(claims(held)) of \(count) \(held == 1 ? "holds" : "hold"), \(open) inconclusive."
    }
    let doubtful = records.count { claim in
      comparisons.contains { claim.speaks(of: $0) && $0.flags.contains(.superNative) }
    }
    if doubtful > 0 {
      return
        "To be checked: \(claims(doubtful)) of \(count) \(doubtful == 1 ? "rests" : "rest") on figures that are better than "
        + "bare metal, which points to unequal work."
    }
    return count == 1
      ? "Near bare metal as claimed: the one claim holds." : "Near bare metal as claimed: all \(count) claims hold."
  }

  /// One sentence on what the verdict rests on: the claim that decided it. Empty without claims.
  static func why(_ records: [ClaimRecord]) -> String {
    let failed = records.filter { $0.verdict == .fail }
    if let worst = failed.first(where: { $0.requirement == .blocker }) ?? failed.first {
      let bound = worst.test == .count ? "at most" : "at least"
      return "\(worst.id): \(reached(worst)), and \(bound) \(Figure.short(worst.margin)) is claimed."
    }
    if let open = records.first(where: { !isSupported($0) }) {
      let reason =
        open.reason.map { ": \($0)." } ?? ": \(reached(open)) holds the \(Figure.short(open.margin)) that is claimed."
      return "\(open.id)\(reason)"
    }
    let near = records.filter { $0.test?.isOfRatio ?? true }.min { slack($0) < slack($1) }
    return near.map { "The nearest is \($0.id): \(reached($0)), where \(Figure.short($0.margin)) is claimed." } ?? ""
  }

  private static func reached(_ claim: ClaimRecord) -> String {
    guard let ratio = claim.ratio else { return "not measured" }
    return claim.test == .count
      ? Figure.count(ratio, low: claim.low, high: claim.high) : Figure.ratio(ratio, low: claim.low, high: claim.high)
  }

  /// How far the interval lies above the margin, as a factor.
  private static func slack(_ claim: ClaimRecord) -> Double { (claim.low ?? claim.ratio ?? 0) / claim.margin }

  private static func claims(_ count: Int) -> String {
    count == 1 ? "1 claim" : "\(count) claims"
  }

  private static func headlineWithoutClaims(_ result: RunResult) -> String {
    let ratios = result.comparisons.filter { $0.reference == .native }
    if ratios.isEmpty { return "Nothing was compared with bare metal." }
    let need = NonInferiority.minimumBlocks(level: result.run.level)
    if ratios.allSatisfy({ $0.blocks < need }) {
      return
        "Too few blocks to decide anything: at level \(Figure.percent(result.run.level)) at least \(need) are needed."
    }
    let reached = reached(result)
    if reached.isEmpty { return "No claim was put to this run, and no leg shows what was compared." }
    return "Of bare metal's speed, \(reached). No claim was put to this run."
  }

  /// How far each mode came, best first, by the workloads' primary metrics: `polled reached 95 %, emulated 2.8 %: medians of 12
  /// workloads`. Empty where nothing shows.
  static func reached(_ result: RunResult) -> String {
    let byPath = Dictionary(grouping: WorkloadSeries.all(result).flatMap(\.primaryRatios), by: \.path)
    // The tool's own machine where it ran: QEMU is there for comparison.
    let own = byPath.filter { $0.key.machine == .nearmetal }
    let modes = (own.isEmpty ? byPath : own).map { path, ratios in
      let sorted = ratios.map(\.ratio).sorted()
      // On the logarithmic scale, as everywhere; the square root of each first, since a product may overflow.
      let median = sorted[(sorted.count - 1) / 2].squareRoot() * sorted[sorted.count / 2].squareRoot()
      return (path: path, median: median, count: sorted.count)
    }.sorted { ($0.median, $1.path) > ($1.median, $0.path) }
    guard let most = modes.map(\.count).max() else { return "" }
    let parts = modes.enumerated().map { index, mode in
      "\(mode.path.short)\(index == 0 ? " reached" : "") \(Figure.share(mode.median)) %"
    }
    return parts.joined(separator: ", ") + (most == 1 ? "" : ": medians of up to \(most) workloads")
  }

  /// What the method makes of equal sides: `The method itself: native against native in turns, 1.0001 [0.9994, 1.0009] over 12
  /// workloads; 14 figures from 0.995 to 1.004, of whose intervals 13 hold 1; after a turn of another leg it has 0.998 to 1.003 of its rate after the others.` Nil where no leg took turns.
  static func method(_ result: RunResult) -> String? {
    guard let checks = result.run.method?.checks, let least = checks.map(\.ratio).min(),
      let most = checks.map(\.ratio).max()
    else { return nil }
    let held = checks.count { ($0.low ?? 0) <= 1 && ($0.high ?? .infinity) >= 1 }
    let pool = result.run.method?.pool.map { "\(methodPool($0)) over \($0.workloads) workloads; " } ?? ""
    return
      "The method itself: native against native in turns, \(pool)\(checks.count) figures from \(Figure.ratio(least)) "
      + "to \(Figure.ratio(most)), of whose intervals \(held) hold 1\(carryOver(result))."
  }

  /// The same in a line: `The method itself, native against native: 1.0001 [0.9994, 1.0009], should be 1; single workloads 0.995 to
  /// 1.004.`
  static func shortMethod(_ result: RunResult) -> String? {
    let ratios = (result.run.method?.checks ?? []).map(\.ratio)
    guard let least = ratios.min(), let most = ratios.max() else { return nil }
    let range = "\(Figure.ratio(least)) to \(Figure.ratio(most))"
    guard let pool = result.run.method?.pool else {
      return "The method itself, native against native: \(range), should be 1."
    }
    return "The method itself, native against native: \(methodPool(pool)), should be 1; single workloads \(range)."
  }

  /// `1.0001 [0.9994, 1.0009]`.
  private static func methodPool(_ pool: MethodPoolRecord) -> String {
    let interval = pool.low.flatMap { low in pool.high.map { " [\(Figure.unit(low)), \(Figure.unit($0))]" } }
    return Figure.unit(pool.ratio) + (interval ?? "")
  }

  private static func carryOver(_ result: RunResult) -> String {
    let ratios = (result.run.method?.carryOver ?? []).map(\.ratio)
    guard let least = ratios.min(), let most = ratios.max() else { return "" }
    return
      "; after a turn of another leg it has \(Figure.ratio(least)) to \(Figure.ratio(most)) of its rate after the others"
  }

  /// Counters that the audit at the run's beginning found wrong: by the nature of the backend, and on this host.
  private static func untrusted(_ audit: AuditRecord, _ backend: KVMBackend) -> [String] {
    let known = audit.untrustedByNature
    let wrong = audit.untrusted.filter { !known.contains($0) }
    var warnings: [String] = []
    if !known.isEmpty {
      warnings.append(
        "Counters that the \(backend.rawValue) backend does not keep, on any host: \(known.joined(separator: ", ")). The audit "
          + "says what counts the same.")
    }
    if !wrong.isEmpty {
      warnings.append(
        "Counters that this host counts wrongly, by the audit at the run's beginning: "
          + "\(wrong.joined(separator: ", ")). Do not build on their values.")
    }
    return warnings
  }

  /// What must be known before any figure is believed.
  static func warnings(_ result: RunResult) -> [String] {
    var warnings = urgentWarnings(result)
    let need = NonInferiority.minimumBlocks(level: result.run.level)
    let few = result.comparisons.count { $0.flags.contains(.fewBlocks) }
    if few > 0 {
      warnings.append(
        "\(few) of \(result.comparisons.count) comparisons have fewer than the \(need) blocks that a decision at level "
          + "\(Figure.percent(result.run.level)) needs: their ratios describe, they do not decide.")
    }
    let fast = result.comparisons.count { $0.flags.contains(.superNative) }
    if fast > 0 {
      warnings.append(
        "\(fast) \(fast == 1 ? "comparison is" : "comparisons are") faster than bare metal by more than noise, which "
          + "points to unequal work.")
    }
    if let audit = result.audit { warnings += untrusted(audit, result.host.kvm.backend) }
    let failed = result.legs.count { $0.status == .failed }
    if failed > 0 { warnings.append("\(failed) of \(legs(result)) failed.") }
    let deciding = LegRecord.deciding(result.legs)
    let repeated = result.legs.count - deciding.count
    if repeated > 0 {
      warnings.append("Repeated after a disturbance: \(repeated) of \(legs(result)). The repetition counts.")
    }
    let disturbed = deciding.count { !$0.validity.isEmpty }
    if disturbed > 0 {
      warnings.append("Disturbed: \(disturbed) of \(legs(result)). They stay in the figures, marked.")
    }
    return warnings
  }

  /// Of these, what the figures of a whole run say nothing without.
  static func urgentWarnings(_ result: RunResult) -> [String] {
    var warnings: [String] = []
    if let injection = result.run.injection {
      warnings.append(
        "The nearmetal guests were slowed on purpose (\(injection)): their figures say nothing about the host.")
    }
    if let scale = result.run.scale {
      warnings.append(
        "Windows, warm-up and disk were those of the suite times \(CSV.number(scale)): hold the figures against runs of that "
          + "scale only.")
    }
    if result.run.interrupted {
      warnings.append("The run was interrupted: what follows was measured until then.")
    }
    if result.run.buildConfiguration == .debug {
      warnings.append("The tool was a debug build: its figures say nothing about the host.")
    }
    return warnings
  }

  private static func legs(_ result: RunResult) -> String {
    result.legs.count == 1 ? "1 leg" : "\(result.legs.count) legs"
  }
}
