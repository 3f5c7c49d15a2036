/// Finds where a series changes, without knowing how often: E-divisive (Matteson and James 2014, "A Nonparametric Approach for
/// Multiple Change Point Analysis of Multivariate Data").
///
/// The strongest split of any segment is tested by permuting the values inside each segment; while one is significant it
/// becomes a change point, and the search goes on. The permutations come from a fixed seed: the same series always gives the
/// same answer. Takes time and memory in proportion to the square of the longest segment, times ``permutations``.
public struct EDivisive: Sendable {
  /// Values on each side of a change point, at least 2.
  public let minimumSegment: Int
  /// A split less likely than this by chance is a change point; above 0 and below 1.
  public let significance: Double
  /// Permutations of a test, at least 1 / significance − 1 for it ever to be significant.
  public let permutations: Int
  public let seed: UInt64
  /// Values of a segment up to which each of its splits is looked at.
  static let exact = 96

  public init(
    minimumSegment: Int = 5, significance: Double = 0.05, permutations: Int = 199, seed: UInt64 = 0x4e4d_4544_4956
  ) {
    precondition(minimumSegment >= 2, "a segment has at least 2 values")
    precondition(significance > 0 && significance < 1, "a significance lies between 0 and 1")
    precondition(permutations >= 1, "a test has a permutation")
    self.minimumSegment = minimumSegment
    self.significance = significance
    self.permutations = permutations
    self.seed = seed
  }

  /// The change points in order. All values must be finite.
  public func changePoints(in values: [Double]) -> [ChangePoint] {
    precondition(values.allSatisfy(\.isFinite), "a series has finite values")
    var random = SeededRandom(seed: seed)
    var segments = [Segment(values[...], minimumSegment)]
    var found: [ChangePoint] = []
    while let (position, split) = Self.strongest(segments) {
      let probability = probability(of: split.statistic, segments, &random)
      if probability > significance { break }
      let segment = segments[position].values
      let middle = segment.startIndex + split.index
      found.append(ChangePoint(index: middle, statistic: split.statistic, probability: probability))
      segments.replaceSubrange(
        position...position,
        with: [
          Segment(segment[..<middle], minimumSegment), Segment(segment[middle...], minimumSegment),
        ])
    }
    return found.sorted { $0.index < $1.index }
  }

  /// A stretch between change points, with its strongest split.
  private struct Segment {
    let values: ArraySlice<Double>
    let split: EnergySplit.Split?
    /// Of long ones.
    private let ranked: RankedSplit?
    private let minimum: Int

    init(_ values: ArraySlice<Double>, _ minimum: Int) {
      self.values = values
      self.minimum = minimum
      ranked = values.count > EDivisive.exact ? RankedSplit(values) : nil
      split =
        ranked.map { $0.strongest($0.ranks, minimum: minimum) } ?? EnergySplit(values).strongest(minimum: minimum)
    }

    /// The strongest split of the same values in another order, or one that is as strong as is asked for.
    func shuffled(_ random: inout SeededRandom, enough: Double) -> EnergySplit.Split? {
      if let ranked { return ranked.strongest(random.shuffled(ranked.ranks), minimum: minimum, enough: enough) }
      return EnergySplit(random.shuffled(Array(values))[...]).strongest(minimum: minimum)
    }
  }

  private static func strongest(_ segments: [Segment]) -> (position: Int, split: EnergySplit.Split)? {
    var best: (position: Int, split: EnergySplit.Split)?
    for (position, segment) in segments.enumerated() {
      guard let split = segment.split else { continue }
      if split.statistic > best?.split.statistic ?? -.infinity { best = (position, split) }
    }
    return best
  }

  /// How often shuffled segments have a split as strong. It ends once that is more than ``significance`` for certain, or so much more
  /// than twice as often that nothing will make up for it: of changes at 5 % that are ones, one in some hundred is lost by that.
  private func probability(of statistic: Double, _ segments: [Segment], _ random: inout SeededRandom) -> Double {
    var asStrong = 0
    for done in 1...permutations {
      var largest = -Double.infinity
      for segment in segments where segment.split != nil {
        largest = max(largest, segment.shuffled(&random, enough: statistic)?.statistic ?? -.infinity)
      }
      if largest >= statistic { asStrong += 1 }
      let least = Double(asStrong + 1) / Double(permutations + 1)
      if least > significance { return least }
      if Double(asStrong) > 3 + 2 * significance * Double(done) { return Double(asStrong) / Double(done) }
    }
    return Double(asStrong + 1) / Double(permutations + 1)
  }
}
