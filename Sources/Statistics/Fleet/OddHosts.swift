import Glibc

/// Finds the hosts, and the single figures of hosts, that are not like the others'.
///
/// A figure is held against a robust scale of its series, a host's effect against a robust scale of the hosts. The surest is set aside,
/// what is left is looked at anew, until none is sure enough: so one that is far off hides no other, and the same figures
/// always give the same verdict. The chance of naming any that is like the others is at most `alpha`, half of it for hosts and half for
/// figures, each by Holm's procedure over all of them.
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

  /// Standard deviations of a normal distribution in its median absolute deviation.
  private static let normalScale = 1.4826
  /// Shares below which nothing is told apart: clocks and counts are no finer.
  private static let leastScale = 1e-4
  /// How many independent figures a median absolute deviation is worth, of each that it is taken from: its efficiency for a normal
  /// distribution (Rousseeuw and Croux 1993).
  private static let efficiency = 0.37
  /// No more hosts are set aside than this share: beyond it, who is odd is a matter of taste.
  private static let mostAside = 0.25

  /// - Returns: the findings, the surest first; none where there are fewer than ``leastHosts``.
  public static func find(_ matrix: FleetMatrix, alpha: Double = 0.01) -> [Finding] {
    guard matrix.hosts >= leastHosts else { return [] }
    var search = Search(matrix, alpha: alpha / 2)
    while search.step() {}
    return search.findings
  }

  private struct Search {
    let matrix: FleetMatrix
    let alpha: Double
    let figures: Int
    var findings: [Finding] = []
    private var hostsAside: Set<Int> = []
    private var figuresAside: Set<[Int]> = []

    init(_ matrix: FleetMatrix, alpha: Double) {
      self.matrix = matrix
      self.alpha = alpha
      figures = (0..<matrix.hosts).reduce(0) { sum, host in
        sum + (0..<matrix.series).count { matrix[host, $0] != nil }
      }
    }

    private func counts(_ host: Int, _ series: Int) -> Bool {
      !hostsAside.contains(host) && !figuresAside.contains([host, series])
    }

    /// Sets aside the surest of what is left. Returns whether there was any.
    mutating func step() -> Bool {
      let polish = MedianPolish(matrix, counting: counts)
      guard
        let surest = (hosts(polish) + cells(polish)).min(by: {
          ($0.probability, -abs($0.score)) < ($1.probability, -abs($1.score))
        }),
        surest.probability <= alpha
      else { return false }
      if let series = surest.series {
        figuresAside.insert([surest.host, series])
      } else {
        hostsAside.insert(surest.host)
      }
      findings.append(surest)
      let aside = hostsAside.union(figuresAside.map { $0[0] })
      return Double(aside.count) < OddHosts.mostAside * Double(matrix.hosts)
    }

    /// The surest among the hosts; none where hosts have no effects of their own.
    private func hosts(_ polish: MedianPolish) -> [Finding] {
      let effects = (0..<matrix.hosts).compactMap { host in
        hostsAside.contains(host) ? nil : polish.effects[host].map { (host, $0) }
      }
      return surest(effects.map { (host: $0.0, series: nil, rest: $0.1) }, of: matrix.hosts, aside: hostsAside.count)
    }

    /// The surest figure of each series.
    private func cells(_ polish: MedianPolish) -> [Finding] {
      (0..<matrix.series).flatMap { series in
        let rests = (0..<matrix.hosts).compactMap { host in
          counts(host, series)
            ? polish.rest(matrix, host, series).map { (host: host, series: Int?(series), rest: $0) } : nil
        }
        return surest(rests, of: figures, aside: figuresAside.count)
      }
    }

    private func surest(_ rests: [(host: Int, series: Int?, rest: Double)], of tests: Int, aside: Int) -> [Finding] {
      guard rests.count >= OddHosts.leastHosts else { return [] }
      let values = rests.map(\.rest)
      let centre = Quantile.median(values)
      let scale = max(OddHosts.leastScale, OddHosts.normalScale * Quantile.medianAbsoluteDeviation(values))
      guard let farthest = rests.max(by: { abs($0.rest - centre) < abs($1.rest - centre) }) else { return [] }
      let score = (farthest.rest - centre) / scale
      let freedom = max(1, OddHosts.efficiency * Double(values.count - 1))
      let probability = 2 * StudentT(degreesOfFreedom: freedom).upperTail(abs(score)) * Double(tests - aside)
      return [
        Finding(
          host: farthest.host, series: farthest.series, effect: farthest.rest - centre, score: score,
          probability: min(1, probability))
      ]
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
