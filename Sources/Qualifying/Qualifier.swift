import Definitions
import ELF
import KVM
import LinuxSystem
import Machines
import Probe
import Qualification
import Results
import Runner

/// One qualification in its folder: begun, or gone on with after a reboot or a crash.
public struct Qualifier {
  public struct Options: Sendable {
    public var profile: Profile
    public var subject: Subject
    public var directory: String
    public var tool: ToolRecord
    /// The command line, for the record.
    public var command: [String]
    public var diskDirectory: String
    /// Draws the order of the legs and the workloads' data; drawn itself where it is nil. One that goes on has its own.
    public var seed: UInt64?

    public init(
      profile: Profile, subject: Subject, directory: String, tool: ToolRecord, command: [String],
      diskDirectory: String = "/var/tmp", seed: UInt64? = nil
    ) {
      self.profile = profile
      self.subject = subject
      self.directory = directory
      self.tool = tool
      self.command = command
      self.diskDirectory = diskDirectory
      self.seed = seed
    }
  }

  private let options: Options
  private let interruption: Interruption
  private let image: ProbeImage
  private let journal: Journal
  private let header: JournalHeader
  private let log: QualificationLog
  private let host: HostEvidence
  /// Whether the folder held a qualification that was not complete.
  public let isResumed: Bool

  /// Begins, or finds out where to go on. Writes nothing before everything has been checked.
  public init(_ options: Options, _ interruption: Interruption) throws(QualificationError) {
    self.options = options
    self.interruption = interruption
    do throws(SystemError) { _ = try System() } catch { throw .unavailable(error.description) }
    do throws(ProbeImageError) { image = try ProbeImage.bundled() } catch { throw .usage(error.description) }
    let now = HostEvidence.collect()
    let wanted = try Self.header(options, now, image)
    let directory = options.directory
    log = QualificationLog(path: "\(directory)/\(QualificationLog.fileName)")
    if AtomicFile.exists("\(directory)/\(JournalFile.name)") {
      journal = try Journal.resume(directory)
      header = try Self.agree(journal, wanted, directory)
      host = try JSONFile.read("\(directory)/\(HostEvidence.fileName)")
      isResumed = true
      try Self.settle(journal, log, diskDirectory: options.diskDirectory)
    } else {
      try Self.prepare(directory, options, now)
      journal = try Journal.begin(directory, wanted)
      (header, host, isResumed) = (wanted, now, false)
      log.say("begun: profile \(options.profile.name), \(options.subject.vendor) \(options.subject.model)")
    }
  }

  // MARK: Beginning

  /// Writes down what became of a step that was under way, and removes the disk image that it left.
  static func settle(
    _ journal: Journal, _ log: QualificationLog, diskDirectory: String
  ) throws(QualificationError) {
    guard let open = JournalState(journal.entries).open, let step = open.step else { return }
    if let process = open.process { try? AtomicFile.remove(RunDisk.path(in: diskDirectory, process: process)) }
    // A crash is the host's. Whatever ended the program alone (a signal, a lost connection) says nothing about the host.
    if open.boot == Journal.boot {
      let reason = "the program was ended while this was under way"
      try journal.append(.paused, step: step, reason: reason)
      log.say("\(step): interrupted, and begun anew: \(reason)")
      return
    }
    let reason = "the host went down or was reset while this was under way"
    try journal.append(.crashed, step: step, reason: reason)
    log.say("\(step): crash: \(reason)")
  }

  // MARK: Going through the steps

  /// Goes through the steps that are left and decides. Throws `QualificationError.interrupted` where the user ended it.
  public func run(_ progress: (String) -> Progress) throws(QualificationError) -> QualificationRecord {
    let directory = options.directory
    for check in options.profile.checks {
      try step(check.id) { () throws(StepFailure) in
        let runner = CheckRunner(
          image: image, options: runOptions, interruption: interruption, progress: progress(check.id))
        let product = try StepFailure.refused { () throws(RunError) in try runner.run(check) }
        if interruption.isRequested { return }
        try StepFailure.failed { () throws(QualificationError) in try keep(product, "\(directory)/checks/\(check.id)") }
      }
    }
    if let suite = options.profile.suite {
      try step(QualificationJudge.performanceStep) { () throws(StepFailure) in
        var options = runOptions
        options.claims = self.options.profile.claims
        let (run, journal) = try performance(suite, options)
        let result = run.run(progress(QualificationJudge.performanceStep), journal: journal)
        if interruption.isRequested { return }
        do throws(ResultWriteError) { try ResultStore.write(result, to: directory, replacing: true) } catch {
          throw .failed(.usage(error.description))
        }
        RunJournal.remove(from: directory)
      }
    }
    return try conclude()
  }

  /// The run of the profile's suite: what an interrupted one measured whole is not measured again.
  private func performance(_ suite: Suite, _ options: Run.Options) throws(StepFailure) -> (
    run: Run, journal: RunJournal
  ) {
    let complain = { [log] (error: FileError) in log.say("\(error)") }
    if let kept = try? KeptRun.read(self.options.directory) {
      var options = options
      options.kept = kept
      if let run = try? Run(suite, options, interruption) {
        let journal = try StepFailure.kept { () throws(FileError) in
          try RunJournal(resuming: kept, in: self.options.directory, onFailure: complain)
        }
        log.say("\(QualificationJudge.performanceStep): going on after \(kept.blocks) whole blocks")
        return (run, journal)
      }
    }
    let run = try StepFailure.refused { () throws(RunError) in try Run(suite, options, interruption) }
    let journal = try StepFailure.kept { () throws(FileError) in
      try RunJournal(beginning: run.begun, in: self.options.directory, onFailure: complain)
    }
    return (run, journal)
  }

  private var runOptions: Run.Options {
    Run.Options(
      seed: header.seed.value, command: options.command, tool: options.tool, diskDirectory: options.diskDirectory)
  }

  private enum StepFailure: Error {
    /// Nothing could be run: an outcome.
    case refused(RunError)
    /// What was seen could not be kept: the end of the qualification for now.
    case failed(QualificationError)

    static func refused<T>(_ body: () throws(RunError) -> T) throws(StepFailure) -> T {
      do throws(RunError) { return try body() } catch { throw .refused(error) }
    }

    static func kept<T>(_ body: () throws(FileError) -> T) throws(StepFailure) -> T {
      do throws(FileError) { return try body() } catch { throw .failed(.file(error)) }
    }

    static func failed(_ body: () throws(QualificationError) -> Void) throws(StepFailure) {
      do throws(QualificationError) { try body() } catch { throw .failed(error) }
    }
  }

  private func step(_ name: String, _ body: () throws(StepFailure) -> Void) throws(QualificationError) {
    if JournalState(journal.entries).hasEnded(name) { return }
    if interruption.isRequested { throw .interrupted }
    try journal.append(.started, step: name)
    log.say("\(name): started")
    do throws(StepFailure) { try body() } catch {
      switch error {
      case .refused(let reason):
        try journal.append(.refused, step: name, reason: reason.description)
        log.say("\(name): could not be run: \(reason)")
        return
      case .failed(let reason):
        try journal.append(.paused, step: name, reason: reason.description)
        throw reason
      }
    }
    if interruption.isRequested {
      try journal.append(.paused, step: name, reason: "ended by the user")
      log.say("\(name): ended by the user")
      throw .interrupted
    }
    try journal.append(.finished, step: name)
    log.say("\(name): finished")
  }

  private func keep(_ product: CheckRunner.Product, _ folder: String) throws(QualificationError) {
    let record = try JSONFile.encode(product.record)
    do throws(FileError) {
      try AtomicFile.makeDirectory(folder)
      try AtomicFile.write(record, to: "\(folder)/check.json")
    } catch { throw .file(error) }
    guard let result = product.result else { return }
    do throws(ResultWriteError) { try ResultStore.write(result, to: folder, replacing: true) } catch {
      throw .usage(error.description)
    }
  }

  // MARK: The end

  private func conclude() throws(QualificationError) -> QualificationRecord {
    let evidence = try Self.evidence(options.directory, options.profile, host, journal.entries)
    let requirements = QualificationJudge.decide(evidence)
    let record = QualificationRecord(
      schema: QualificationRecord.currentSchema, id: header.id, startedAt: header.startedAt,
      endedAt: WallClock.now.text,
      profile: header.profile, subject: header.subject, fingerprint: header.fingerprint, tool: header.tool,
      program: header.program, guest: header.guest, seed: header.seed, requirements: requirements,
      outcome: Qualified(requirements))
    for requirement in requirements {
      log.say("\(requirement.id): \(requirement.outcome.rawValue): \(requirement.reason)")
    }
    log.say("outcome: \(record.outcome.rawValue)")
    let bytes = try record.encoded()
    do throws(FileError) {
      try AtomicFile.write(bytes, to: "\(options.directory)/\(QualificationRecord.fileName)")
    } catch { throw .file(error) }
    try journal.append(.completed)
    return record
  }

  /// What a folder's files say, for the judge.
  private static func evidence(
    _ directory: String, _ profile: Profile, _ host: HostEvidence, _ entries: [JournalEntry]
  ) throws(QualificationError) -> QualificationEvidence {
    let state = JournalState(entries)
    var evidence = QualificationEvidence(
      profile: profile, host: host, crashes: state.crashes, refusals: state.refusals)
    for check in profile.checks where state.finished.contains(check.id) {
      evidence.checks[check.id] = try JSONFile.read("\(directory)/checks/\(check.id)/check.json")
    }
    if state.finished.contains(QualificationJudge.performanceStep) {
      do throws(DocumentReadError) { evidence.result = try ResultStore.read(directory) } catch {
        throw .usage(error.description)
      }
    }
    return evidence
  }
}
