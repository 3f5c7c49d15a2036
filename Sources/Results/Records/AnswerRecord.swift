/// What a leg's work computed, for whoever holds it against the same work elsewhere: the host checks every leg against itself, and a host
/// whose arithmetic is wrong in the same way everywhere agrees with itself.
public struct AnswerRecord: Codable, Hashable, Sendable {
  /// The workload with its parameters: `cpu.float`.
  public var work: String
  public var seed: Seed
  /// In one batch, all of which had the same checksum.
  public var operations: UInt64
  /// The working set; nil where the work has none.
  public var bytes: UInt64?
  /// Hexadecimal digits.
  public var checksum: String

  public init(work: String, seed: UInt64, operations: UInt64, bytes: UInt64? = nil, checksum: UInt64) {
    self.work = work
    self.bytes = bytes
    self.seed = Seed(seed)
    self.operations = operations
    self.checksum = String(checksum, radix: 16)
  }
}
