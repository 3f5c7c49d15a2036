/// A data transfer that a command started and that is not over.
struct IDETransfer: Equatable {
  /// Who moves the data, and which way.
  enum Kind {
    /// The guest reads the data port.
    case portIn
    /// The guest writes the data port.
    case portOut
    /// The controller writes guest memory.
    case memoryIn
    /// The controller reads guest memory.
    case memoryOut
  }

  /// Most sectors of one data request of READ and WRITE MULTIPLE.
  static let largestBlock = 16

  let kind: Kind
  /// Whether the command uses 48-bit addresses.
  let isExtended: Bool
  /// Next sector to move.
  var sector: UInt64
  /// Sectors not yet moved.
  var remaining: Int
  /// Sectors for each data request by port.
  let block: Int
}
