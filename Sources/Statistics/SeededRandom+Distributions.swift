import Glibc

extension SeededRandom {
  /// A number between 0, which it never is, and 1; each of 2^53 equally likely.
  public mutating func uniform() -> Double { (Double(next() >> 11) + 1) * 0x1p-53 }

  /// A standard normal number (Box and Muller 1958).
  public mutating func normal() -> Double {
    let radius = (-2 * log(uniform())).squareRoot()
    return radius * cos(2 * Double.pi * uniform())
  }

  /// An exponential number of mean 1.
  public mutating func exponential() -> Double { -log(uniform()) }

  /// A number of Student's t distribution with so many degrees of freedom, at least 1.
  public mutating func studentT(degreesOfFreedom: Int) -> Double {
    precondition(degreesOfFreedom >= 1, "a t distribution has at least 1 degree of freedom")
    let numerator = normal()
    let squares = (0..<degreesOfFreedom).reduce(0.0) { sum, _ in
      let value = normal()
      return sum + value * value
    }
    return numerator / (squares / Double(degreesOfFreedom)).squareRoot()
  }
}
