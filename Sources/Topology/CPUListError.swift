/// A text that is no list of CPUs.
public enum CPUListError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Something other than digits, one '-' and commas; holds the offending part.
  case malformed(String)
  /// A range that runs downwards: "7-3".
  case descending(String)
  /// A CPU number above ``CPUList/highest``.
  case tooHigh(String)

  public var description: String {
    let expected = "expected CPU numbers and ranges such as 0-3,8"
    return switch self {
    case .malformed(let part): "\"\(part)\" is no CPU or range of CPUs: \(expected)"
    case .descending(let part): "the range \"\(part)\" runs downwards: \(expected)"
    case .tooHigh(let part): "\"\(part)\" is above \(CPUList.highest), the highest CPU number that Linux can have"
    }
  }
}
