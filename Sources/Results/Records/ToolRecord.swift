/// The tool that measured.
public struct ToolRecord: Codable, Sendable, Equatable {
  public var version: String
  /// Revision of the source it was built from, "unknown" where that was not recorded.
  public var revision: String
  /// Version of the Swift compiler that built it.
  public var swift: String

  public init(version: String, revision: String, swift: String) {
    self.version = version
    self.revision = revision
    self.swift = swift
  }
}
