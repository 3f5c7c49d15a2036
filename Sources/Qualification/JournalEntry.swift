import Results

/// A line of the journal.
public struct JournalEntry: Codable, Sendable, Equatable {
  public enum Event: String, Codable, Sendable {
    case begun, started, finished
    /// The step could not be begun; it is not tried again.
    case refused
    /// The step was under way when the host went down; it is not tried again.
    case crashed
    /// The user, a signal or a lost connection ended the program; the step begins anew.
    case paused
    /// Every step has ended.
    case completed
  }

  public var event: Event
  /// ISO 8601, UTC.
  public var at: String
  public var step: String?
  public var reason: String?
  /// The host's boot, as the kernel names it: tells a crash of the host from one of the program.
  public var boot: String?
  /// The program's process, by whose number it names files that it removes when it ends well.
  public var process: Int32?
  /// What was begun; only in the first line.
  public var header: JournalHeader?

  public init(
    event: Event, at: String, step: String? = nil, reason: String? = nil, boot: String? = nil,
    header: JournalHeader? = nil
  ) {
    self.event = event
    self.at = at
    self.step = step
    self.reason = reason
    self.boot = boot
    self.header = header
  }
}

/// What a qualification is of. A journal goes on only where all of this agrees.
public struct JournalHeader: Codable, Sendable, Equatable {
  public var schema: String
  public var id: String
  public var startedAt: String
  public var profile: QualificationRecord.Hashed
  public var program: QualificationRecord.Hashed
  public var guest: QualificationRecord.Hashed
  public var fingerprint: String
  public var subject: Subject
  public var tool: ToolRecord
  public var seed: Seed

  public init(
    schema: String, id: String, startedAt: String, profile: QualificationRecord.Hashed,
    program: QualificationRecord.Hashed, guest: QualificationRecord.Hashed, fingerprint: String, subject: Subject,
    tool: ToolRecord, seed: Seed
  ) {
    self.schema = schema
    self.id = id
    self.startedAt = startedAt
    self.profile = profile
    self.program = program
    self.guest = guest
    self.fingerprint = fingerprint
    self.subject = subject
    self.tool = tool
    self.seed = seed
  }
}
