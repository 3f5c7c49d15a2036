import Results

/// One side of a gate: which run it was.
public struct GateRun: Codable, Sendable, Equatable {
  public var id: String
  public var startedAt: String
  public var suite: String
  public var blocks: Int
  public var fingerprint: String
  public var tool: ToolRecord

  public init(_ result: RunResult) {
    id = result.run.id
    startedAt = result.run.startedAt
    suite = result.run.suite
    blocks = result.run.blocks
    fingerprint = result.host.fingerprint
    tool = result.run.tool
  }
}
