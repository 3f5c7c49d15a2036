import Glibc

/// The distribution of the angle whose tangent is T/√ν, for a T of Student's distribution with ν degrees of freedom: its
/// density is proportional to cos^(ν−1) between −π/2 and π/2, which makes a small table exact to about 1e-9.
struct AngularT {
  private static let cells = 512
  private static let step = Double.pi / Double(cells)
  /// Up to the lower edge of each cell, and densities there.
  private var cumulative: [Double]
  private var density: [Double]

  /// - Parameter degreesOfFreedom: at least 1.
  init(degreesOfFreedom: Int) {
    let power = Double(degreesOfFreedom - 1)
    func weight(_ position: Double) -> Double { pow(max(0, sin(position * Self.step)), power) }
    density = (0...Self.cells).map { weight(Double($0)) }
    cumulative = [0]
    for cell in 0..<Self.cells {
      // Simpson's rule.
      let mass = density[cell] + 4 * weight(Double(cell) + 0.5) + density[cell + 1]
      cumulative.append(cumulative[cell] + mass * Self.step / 6)
    }
    let total = cumulative[Self.cells]
    for index in cumulative.indices {
      cumulative[index] /= total
      density[index] /= total
    }
  }

  /// P(angle ≤ `angle`), interpolated between the edges with their densities (Hermite).
  func cumulativeProbability(_ angle: Double) -> Double {
    let position = (angle + Double.pi / 2) / Self.step
    if position <= 0 { return 0 }
    if position >= Double(Self.cells) { return 1 }
    let cell = Int(position)
    let share = position - Double(cell)
    let rise = cumulative[cell + 1] - cumulative[cell]
    let (left, right) = (density[cell] * Self.step, density[cell + 1] * Self.step)
    return cumulative[cell]
      + share * (left + share * (3 * rise - 2 * left - right + share * (left + right - 2 * rise)))
  }
}
