import Glibc

/// A line through points by least squares.
public struct StraightLine: Sendable, Equatable {
  public let intercept: Double
  public let slope: Double
  /// Half of the slope's Student interval; nil where two points are all there are.
  public let slopeError: Double?
  /// Standard deviation of the points about the line; nil likewise.
  public let scatter: Double?

  /// - Parameters:
  ///   - points: in any order; the errors are those of y.
  ///   - level: of the slope's interval, above 0 and below 1.
  /// - Returns: nil for fewer than two points, or all of one x.
  public init?(_ points: [(x: Double, y: Double)], level: Double = 0.95) {
    let count = Double(points.count)
    guard points.count >= 2 else { return nil }
    let centre = (x: points.reduce(0) { $0 + $1.x } / count, y: points.reduce(0) { $0 + $1.y } / count)
    let squares = points.reduce(0) { $0 + ($1.x - centre.x) * ($1.x - centre.x) }
    guard squares > 0, squares.isFinite else { return nil }
    slope = points.reduce(0) { $0 + ($1.x - centre.x) * ($1.y - centre.y) } / squares
    intercept = centre.y - slope * centre.x
    guard points.count > 2 else {
      (slopeError, scatter) = (nil, nil)
      return
    }
    let (slope, intercept) = (slope, intercept)
    let rest = points.reduce(0) { sum, point in
      let distance = point.y - intercept - slope * point.x
      return sum + distance * distance
    }
    let variance = rest / (count - 2)
    scatter = variance.squareRoot()
    slopeError = StudentT(degreesOfFreedom: count - 2).quantile((1 + level) / 2) * (variance / squares).squareRoot()
  }

  public func value(at x: Double) -> Double { intercept + slope * x }
}
