import Glibc

/// Finds the hosts, and the single figures of hosts, that are not like the others'.
///
/// Whatever is suspiciously far from the medians is set aside first, so that one that is far off hides no other; what is left, which is
/// clean then, tells centres and spreads (Hadi and Simonoff 1993), and each suspect is tested against them by Student's distribution, with
/// Bonferroni's correction over all hosts and over all figures. What was found odd is taken out, and the rest looked at anew, until nothing
/// is found: each step has the whole error, since it is only taken where the one before was right or had erred already (sequential
/// rejection, Goeman and Solari 2010). The same figures always give the same verdict.
///
/// In simulation of normal figures, of 5 to 200 hosts, no more than `alpha` of fleets in which all are alike have a finding.
public enum OddHosts {
  /// Fewer hosts have no spread to speak of.
  public static let leastHosts = 5

  public struct Finding: Sendable, Equatable {
    public let host: Int
    /// Nil where it is the host as a whole, in all its series.
    public let series: Int?
    /// Logarithm of how far off it is, above 0 for better.
    public let effect: Double
    /// How far off it is in standard deviations of its kind.
    public let score: Double
    /// Adjusted for all that was looked at.
    public let probability: Double
  }

  /// Each of them takes something out; more than a few say that the hosts are no group.
  private static let mostSteps = 10
  /// Robust standard deviations from which on a figure is a suspect.
  private static let suspicion = 3.5
  /// Standard deviations of a normal distribution in its median absolute deviation, and the share of it that lies within one.
  private static let (normalScale, withinOne) = (1.4826, 0.6827)
  /// Shares below which nothing is told apart: clocks and counts are no finer.
  private static let leastScale = 1e-4
  /// Parts of the error for hosts and for figures. The spread of hosts is told by few of them, and setting suspects aside makes it
  /// smaller: simulation gives twice what is asked for.
  private static let (hostShare, figureShare) = (0.2, 0.5)

  /// - Returns: the findings, the surest first; none where there are fewer than ``leastHosts``.
  public static func find(_ matrix: FleetMatrix, alpha: Double = 0.01) -> [Finding] {
    var (rest, found): (FleetMatrix, [Finding]) = (matrix, [])
    for _ in 0..<mostSteps {
      let step = step(rest, alpha)
      if step.isEmpty { break }
      found += step
      for finding in step {
        for series in 0..<rest.series where finding.series == nil || finding.series == series {
          rest[finding.host, series] = nil
        }
      }
    }
    return found.sorted {
      ($0.probability, $0.host, $0.series ?? -1) < ($1.probability, $1.host, $1.series ?? -1)
    }
  }

  private static func step(_ matrix: FleetMatrix, _ alpha: Double) -> [Finding] {
    guard matrix.hosts >= leastHosts, matrix.series > 0 else { return [] }
    let search = Search(matrix)
    let odd = search.hosts().filter { $0.probability <= alpha * hostShare }
    // A host that is odd as a whole is named once.
    let whole = Set(odd.map(\.host))
    return odd + search.figures().filter { $0.probability <= alpha * figureShare && !whole.contains($0.host) }
  }

  private struct Search {
    private let matrix: FleetMatrix
    /// Figures of each host, and of all.
    private let counts: [Int]
    private let figureCount: Int
    private let suspectHosts: Set<Int>
    private let suspectFigures: Set<[Int]>
    private let fit: FleetFit
    /// Of each series the variance of a rest, and figures that it was told by.
    private let variances: [(value: Double, count: Int)]
    private let meanVariance: Double

    init(_ matrix: FleetMatrix) {
      self.matrix = matrix
      let counts = (0..<matrix.hosts).map { host in (0..<matrix.series).count { matrix[host, $0] != nil } }
      self.counts = counts
      let first = FleetFit(robust: matrix)
      let hosts = Set(Self.suspects(first.effects.indices.map { counts[$0] > 0 ? first.effects[$0] : nil }))
      let figures = Set(
        (0..<matrix.series).flatMap { series in
          Self.suspects((0..<matrix.hosts).map { first.rest(matrix, $0, series) }).map { [$0, series] }
        })
      (suspectHosts, suspectFigures) = (hosts, figures)
      let fit = FleetFit(matrix) { host, series in !hosts.contains(host) && !figures.contains([host, series]) }
      self.fit = fit
      figureCount = counts.reduce(0, +)
      // A host's effect takes its share of every figure's rest.
      let perHost = max(1, Double(figureCount) / Double(max(1, counts.count { $0 > 0 })))
      let variances = (0..<matrix.series).map { series in
        let rests = (0..<matrix.hosts).compactMap { host in
          hosts.contains(host) || figures.contains([host, series]) ? nil : fit.rest(matrix, host, series)
        }
        let freedom = max(1, Double(rests.count) * (1 - 1 / perHost) - 1)
        let sum = rests.reduce(0) { $0 + $1 * $1 }
        return (value: max(OddHosts.leastScale * OddHosts.leastScale, sum / freedom), count: rests.count)
      }
      self.variances = variances
      meanVariance = variances.reduce(0) { $0 + $1.value } / Double(max(1, variances.count))
    }

    /// Indices of values that are far from their median.
    private static func suspects(_ values: [Double?]) -> [Int] {
      let known = values.compactMap(\.self)
      guard known.count >= OddHosts.leastHosts else { return [] }
      let centre = Quantile.median(known)
      let distances = known.map { abs($0 - centre) }
      // The larger of two robust scales: the median alone is too small where many rests are 0, as medians leave them.
      let scale = max(
        OddHosts.leastScale, OddHosts.normalScale * Quantile.median(distances),
        Quantile.of(distances, OddHosts.withinOne))
      return values.indices.filter { index in
        values[index].map { abs($0 - centre) > OddHosts.suspicion * scale } ?? false
      }
    }

    func hosts() -> [Finding] {
      let clean = (0..<matrix.hosts).filter { counts[$0] > 0 && !suspectHosts.contains($0) }.map { fit.effects[$0] }
      guard clean.count > 2 else { return [] }
      let count = Double(clean.count)
      let mean = clean.reduce(0, +) / count
      let variance = max(
        OddHosts.leastScale * OddHosts.leastScale, clean.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1))
      return suspectHosts.map { host in
        let effect = fit.effects[host] - mean
        return finding(
          host, nil, effect, score: effect / (variance * (1 + 1 / count)).squareRoot(), freedom: count - 1,
          tests: matrix.hosts)
      }
    }

    func figures() -> [Finding] {
      suspectFigures.compactMap { place in
        let (host, series) = (place[0], place[1])
        guard let rest = fit.rest(matrix, host, series), variances[series].count > 3 else { return nil }
        let own = (0..<matrix.series).count { matrix[host, $0] != nil && !suspectFigures.contains([host, $0]) }
        let (value, count) = variances[series]
        let variance = value * (1 + 1 / Double(count)) + meanVariance / Double(max(1, own))
        return finding(
          host, series, rest, score: rest / variance.squareRoot(), freedom: Double(count - 2), tests: figureCount)
      }
    }

    private func finding(
      _ host: Int, _ series: Int?, _ effect: Double, score: Double, freedom: Double, tests: Int
    ) -> Finding {
      let tail = StudentT(degreesOfFreedom: freedom).upperTail(abs(score))
      return Finding(
        host: host, series: series, effect: effect, score: score, probability: min(1, 2 * tail * Double(tests)))
    }
  }
}

/// Where the spread of a figure over a fleet comes from, as variances of its logarithm.
public struct FleetVariance: Sendable, Equatable {
  /// Of a host's figure itself: what measuring it again would give.
  public let within: Double
  /// Between hosts of one group, beyond that.
  public let betweenHosts: Double
  /// Between groups, beyond both.
  public let betweenGroups: Double

  /// - Parameter groups: of each the hosts' figures with the variance of each, which is 0 where it is not known.
  /// - Returns: nil where no group has two hosts.
  public init?(_ groups: [[(value: Double, variance: Double)]]) {
    let groups = groups.filter { !$0.isEmpty }
    let all = groups.flatMap(\.self)
    let freedom = all.count - groups.count
    guard freedom > 0 else { return nil }
    let means = groups.map { group in group.reduce(0) { $0 + $1.value } / Double(group.count) }
    let within = all.reduce(0) { $0 + $1.variance } / Double(all.count)
    let squares = zip(groups, means).reduce(0) { sum, pair in
      sum + pair.0.reduce(0) { $0 + ($1.value - pair.1) * ($1.value - pair.1) }
    }
    let hosts = squares / Double(freedom)
    let size = Double(all.count) / Double(groups.count)
    let mean = means.reduce(0, +) / Double(means.count)
    let spread =
      means.count < 2 ? 0 : means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(means.count - 1)
    self.within = within
    betweenHosts = max(0, hosts - within)
    betweenGroups = max(0, spread - hosts / size)
  }
}
