import Results

/// One of the runs that are held side by side.
public struct ComparedRun: Codable, Sendable, Equatable {
  /// What the comparison calls it: `A`, `B`, `C`; past the alphabet `R27` and so on.
  public var letter: String
  /// Where it was read from.
  public var path: String
  public var id: String
  public var suite: String
  public var startedAt: String
  public var fingerprint: String
  /// The processor, where the host told it.
  public var processor: String?
  public var blocks: Int
  public var legs: Int

  init(_ result: RunResult, path: String, index: Int) {
    letter = index < 26 ? String(UnicodeScalar(UInt8(0x41 + index))) : "R\(index + 1)"
    self.path = path
    id = result.run.id
    suite = result.run.suite
    startedAt = result.run.startedAt
    fingerprint = result.host.fingerprint
    processor = result.host.cpu["cpu.model"]
    blocks = result.run.blocks
    legs = result.legs.count
  }
}
