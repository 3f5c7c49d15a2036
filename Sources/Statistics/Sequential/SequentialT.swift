import Glibc

/// The joint distribution of the t statistics of one growing sample, where its true mean is 0 and its values are normal: exact
/// but for the numerical error, also for few blocks, where the joint distribution of known variances is not close enough
/// (Jennison and Turnbull 1991, "Exact Calculations for Sequential t, χ² and F Tests").
///
/// With u the cosine between the n values and the vector of ones, t = u√(n − 1)/√(1 − u²). The direction of the values says
/// nothing about their length, so the cosines of successive looks form a Markov chain. With m more values,
/// u′ = (√n·B·u + √m·tan φ) / (√(n + m)·√(1 + tan² φ)) = ρ cos(φ − δ),
/// where φ is the angle of a t distribution with n + m − 1 degrees of freedom (``AngularT``), B² has the beta distribution with
/// n/2 and (m − 1)/2, and ρ and δ are the polar form of (√n·B·u, √m)/√(n + m). u′ ≥ e is then |φ − δ| ≤ arccos(e/ρ).
///
/// What is still undecided is kept as masses on ``cells`` values of |u|: the error that a look spends is off by up to 0.2 % of
/// all of it.
struct SequentialT {
  private static let cells = 48
  private var blocks = 0
  private var cosines: [Double] = []
  private var masses: [Double] = []

  /// The bound of |t| after `blocks` values, more than before, that decides with chance `error` what no bound decided earlier.
  /// Does not take the bound: see ``take(_:)``.
  func bound(blocks: Int, error: Double) -> Bound {
    let freedom = Double(blocks - 1)
    guard self.blocks > 0 else {
      let t = StudentT(degreesOfFreedom: freedom).quantile(1 - error / 2)
      let distribution = AngularT(degreesOfFreedom: blocks - 1)
      return Bound(blocks: blocks, t: t, cosine: t / (t * t + freedom).squareRoot()) { cosine in
        2 * (1 - distribution.cumulativeProbability(asin(cosine)))
      }
    }
    let tail = transition(to: blocks)
    var (low, high) = (0.0, 1.0)
    for _ in 0..<40 {
      let middle = (low + high) / 2
      if tail(middle) > error { low = middle } else { high = middle }
    }
    return Bound(blocks: blocks, t: high * (freedom / (1 - high * high)).squareRoot(), cosine: high, tail: tail)
  }

  struct Bound {
    let blocks: Int
    let t: Double
    let cosine: Double
    /// Chance of being undecided before and of having a cosine of this or more now, either sign.
    let tail: (Double) -> Double
  }

  /// Goes on with what lies within the bound.
  mutating func take(_ bound: Bound) {
    let width = bound.cosine / Double(Self.cells)
    let tails = (0...Self.cells).map { bound.tail(Double($0) * width) }
    blocks = bound.blocks
    cosines = (0..<Self.cells).map { (Double($0) + 0.5) * width }
    masses = (0..<Self.cells).map { tails[$0] - tails[$0 + 1] }
  }

  private func transition(to blocks: Int) -> (Double) -> Double {
    let added = blocks - self.blocks
    let distribution = AngularT(degreesOfFreedom: blocks - 1)
    let up = (Double(added) / Double(blocks)).squareRoot()
    let along = (Double(self.blocks) / Double(blocks)).squareRoot()
    let shares = shares(added)
    var paths: [Path] = []
    for (cosine, mass) in zip(cosines, masses) {
      for share in shares {
        for signed in [cosine, -cosine] {
          let across = along * share.value * signed
          let radius = (across * across + up * up).squareRoot()
          paths.append(Path(radius: radius, direction: atan2(up, across), mass: mass * share.chance))
        }
      }
    }
    return { cosine in
      var sum = 0.0
      for path in paths where path.radius > cosine {
        let reach = acos(cosine / path.radius)
        sum +=
          path.mass
          * (distribution.cumulativeProbability(path.direction + reach)
            - distribution.cumulativeProbability(path.direction - reach))
      }
      return sum
    }
  }

  private struct Path {
    let radius: Double
    let direction: Double
    let mass: Double
  }

  /// Values of B = sin y with their chances, by Simpson's rule from π/2 down: the density of y is proportional to
  /// sin^(n−1) y cos^(m−2) y.
  private func shares(_ added: Int) -> [(value: Double, chance: Double)] {
    if added == 1 { return [(1, 1)] }
    let step = 0.5 / Double(blocks + added).squareRoot()
    let nodes = (0...Int(Double.pi / 2 / step)).map { node in
      let angle = Double.pi / 2 - Double(node) * step
      let density = pow(sin(angle), Double(blocks - 1)) * pow(max(0, cos(angle)), Double(added - 2))
      return (value: sin(angle), chance: density * (node == 0 ? 1 : node % 2 == 1 ? 4 : 2))
    }
    let largest = nodes.reduce(0) { max($0, $1.chance) }
    let likely = nodes.filter { $0.chance > 1e-9 * largest }
    let sum = likely.reduce(0) { $0 + $1.chance }
    return likely.map { ($0.value, $0.chance / sum) }
  }
}
