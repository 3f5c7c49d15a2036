import LinuxSystem

/// A set of CPU numbers in the kernel's notation: "0-3,8".
public struct CPUList: Equatable, Sendable, CustomStringConvertible {
  /// Highest CPU number accepted: Linux on x86 is built for at most 8192 CPUs.
  public static let highest = 8191

  /// The numbers, ascending, each once.
  public let cpus: [Int]

  /// Any numbers, in any order. Numbers outside 0...``highest`` are left out.
  public init(_ cpus: some Sequence<Int>) {
    self.cpus = Set(cpus.filter { (0...Self.highest).contains($0) }).sorted()
  }

  /// Parses the kernel's notation. White space at the ends and an empty text (no CPU) are accepted; strides are not.
  public init(parsing text: some StringProtocol) throws(CPUListError) {
    let text = Substring(text).trimmed
    var numbers: [Int] = []
    if !text.isEmpty {
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        numbers.append(contentsOf: try Self.range(part))
      }
    }
    self.init(numbers)
  }

  private static func range(_ part: Substring) throws(CPUListError) -> ClosedRange<Int> {
    let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let low = try number(ends[0], in: part)
    let high = ends.count == 2 ? try number(ends[1], in: part) : low
    guard low <= high else { throw .descending(String(part)) }
    return low...high
  }

  private static func number(_ digits: Substring, in part: Substring) throws(CPUListError) -> Int {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { throw .malformed(String(part)) }
    // Digits only, so that a nil here is an overflow.
    guard let number = Int(digits), number <= highest else { throw .tooHigh(String(part)) }
    return number
  }

  /// The kernel's notation; empty for no CPU.
  public var description: String {
    var ranges: [ClosedRange<Int>] = []
    for cpu in cpus {
      if let last = ranges.last, last.upperBound == cpu - 1 {
        ranges[ranges.count - 1] = last.lowerBound...cpu
      } else {
        ranges.append(cpu...cpu)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }
}
