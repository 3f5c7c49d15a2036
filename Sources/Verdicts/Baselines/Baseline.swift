import Results

/// How a baseline was made. It lies as `baseline.json` beside the run's `result.json`.
public struct Baseline: Codable, Sendable, Equatable {
  public static let currentSchema = "nearmetal.baseline/1"

  public var schema = Self.currentSchema
  public var name: String
  /// Of the host that it was measured on.
  public var fingerprint: String
  /// ISO 8601, UTC.
  public var recordedAt: String
  /// What the user wants to be remembered about it; empty where nothing was said.
  public var note: String
  /// The run that it is: its id, when it began, what it measured, in how many blocks, by which command and tool.
  public var run: String
  public var startedAt: String
  public var suite: String
  public var blocks: Int
  public var command: [String]
  public var tool: ToolRecord

  init(_ result: RunResult, name: String, note: String, recordedAt: String) {
    self.name = name
    fingerprint = result.host.fingerprint
    self.recordedAt = recordedAt
    self.note = note
    run = result.run.id
    startedAt = result.run.startedAt
    suite = result.run.suite
    blocks = result.run.blocks
    command = result.run.command
    tool = result.run.tool
  }
}
