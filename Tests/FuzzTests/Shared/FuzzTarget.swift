/// Something that takes what a guest or a stranger wrote.
struct FuzzTarget {
  let name: String
  /// Makes what inputs are given to, one after the other.
  let make: () throws -> (([UInt8]) -> Void)
}

/// Why there are no inputs to begin with.
struct FuzzProblem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
