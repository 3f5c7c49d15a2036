import Results

/// `qualification.json`: the outcome of a qualification, by requirement.
public struct QualificationRecord: Codable, Sendable, Equatable {
  public static let currentSchema = "nearmetal.qualification/1"
  public static let fileName = "qualification.json"
  /// The profile that was tried, beside the record.
  public static let profileName = "profile.yaml"

  /// A file by name and SHA-256, in hexadecimal.
  public struct Hashed: Codable, Sendable, Equatable {
    public var name: String
    public var sha256: String

    public init(name: String, sha256: String) {
      self.name = name
      self.sha256 = sha256
    }
  }

  public var schema: String
  /// Unique among the qualifications of a host.
  public var id: String
  /// ISO 8601, UTC.
  public var startedAt: String
  public var endedAt: String
  public var profile: Hashed
  public var subject: Subject
  /// The host's fingerprint, as in results.
  public var fingerprint: String
  public var tool: ToolRecord
  /// SHA-256 of the program that measured, and of the probe image that it booted.
  public var program: Hashed
  public var guest: Hashed
  public var seed: Seed
  public var requirements: [RequirementRecord]
  public var outcome: Qualified

  public init(
    schema: String = currentSchema, id: String, startedAt: String, endedAt: String, profile: Hashed, subject: Subject,
    fingerprint: String, tool: ToolRecord, program: Hashed, guest: Hashed, seed: Seed,
    requirements: [RequirementRecord], outcome: Qualified
  ) {
    self.schema = schema
    self.id = id
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.profile = profile
    self.subject = subject
    self.fingerprint = fingerprint
    self.tool = tool
    self.program = program
    self.guest = guest
    self.seed = seed
    self.requirements = requirements
    self.outcome = outcome
  }

  /// The file's bytes: the same value always gives the same bytes.
  public func encoded() throws(QualificationError) -> [UInt8] { try JSONFile.encode(self) }

  /// Reads the file's bytes; messages call the file `path`.
  public static func decode(_ bytes: [UInt8], path: String) throws(QualificationError) -> QualificationRecord {
    let record: QualificationRecord = try JSONFile.decode(bytes, path: path)
    guard record.schema == currentSchema else {
      throw .usage("\(path): expected the schema \(currentSchema), found \(record.schema)")
    }
    return record
  }
}
