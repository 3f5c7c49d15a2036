import ArgumentParser
import Definitions
import LinuxSystem
import Qualification
import Qualifying
import Reports
import Results
import Runner

/// `nearmetal qualify`.
struct QualifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qualify", abstract: "Tries whether a host qualifies by a profile, requirement by requirement.",
    discussion: """
      Examples:
        nearmetal qualify --profile qualify-smoke --vendor X --model Y --output q
        nearmetal qualify --profile mine.yaml --vendor X --model Y --equivalent Y2 --equivalent Y3 --output q

      The same command goes on where a reboot, a crash, a lost connection or Ctrl-C ended it. A step that was under way when the
      host went down has the outcome crash and is not tried again. The exit status is 0 for a host that qualifies, 2 for one that does not, and 7 where a
      blocker is undecided.
      """)

  @Option(help: "A profile's name, or the path of its YAML file.")
  var profile: String
  @Option(help: "Who makes the host.")
  var vendor: String
  @Option(help: "What the host is called.")
  var model: String
  @Option(help: "Who runs the qualification.")
  var `operator` = ""
  @Option(help: "Directory for everything it leaves; made if it is not there.")
  var output: String
  @Option(help: "Whatever is to be read with the outcome.")
  var notes = ""
  @Option(name: .customLong("equivalent"), help: "A model that the vendor declares to be equivalent; may be repeated.")
  var equivalents: [String] = []
  @Option(help: "Where disk images are made; a file system with O_DIRECT.")
  var diskDirectory = "/var/tmp"
  @Option(
    help: "Seed of the legs' order and the workloads' data; drawn if it is not given. One that goes on keeps its own.")
  var seed: UInt64?
  @OptionGroup var display: Display

  mutating func validate() throws {
    for (name, value) in [("--vendor", vendor), ("--model", model)] where value.isEmpty {
      throw ValidationError("\(name): expected a name, found nothing")
    }
  }

  func run() throws {
    let interruption = Interruption()
    watch(interruption) { "stopping; finished steps are kept, and the same command goes on" }
    let profile: Profile
    do throws(DefinitionError) { profile = try ProfileReader.read(self.profile) } catch {
      throw end(error)
    }
    let lock = try takeLock(interruption)
    let record: QualificationRecord
    do throws(QualificationError) { record = try qualify(profile, interruption) } catch {
      throw Self.ending(error)
    }
    _ = consume lock
    switch display.format {
    case .text:
      try printScreen(display.options().text(Screen(text: QualificationText.render(record))))
    case .json: try printJSON(bytes: record.encoded())
    case .csv, .markdown: try display.print(Self.table(record))
    }
    try conclude(record)
  }

  /// A row for every requirement.
  private static func table(_ record: QualificationRecord) -> DataTable {
    DataTable(
      header: ["outcome", "requirement", "id", "kind", "text", "reason", "remedy"],
      rows: record.requirements.map {
        [
          $0.outcome.rawValue, $0.requirement.rawValue, $0.id, $0.kind.rawValue, $0.text, $0.reason, $0.remedy ?? "",
        ]
      })
  }

  private func qualify(_ profile: Profile, _ interruption: Interruption) throws(QualificationError)
    -> QualificationRecord
  {
    let subject = Subject(
      vendor: vendor, model: model, operator: `operator`, notes: notes, equivalents: equivalents)
    let options = Qualifier.Options(
      profile: profile, subject: subject, directory: output, tool: Tool.record, command: Tool.arguments,
      diskDirectory: diskDirectory, seed: seed)
    let qualifier = try Qualifier(options, interruption)
    if qualifier.isResumed { say("going on with the qualification in \(output)") }
    let line = ProgressLine()
    defer { line.finish() }
    let record = try qualifier.run { step in
      Runner.Progress { progress in
        line.progress.report(
          Runner.Progress.Step(
            done: progress.done, total: progress.total, elapsed: progress.elapsed, remaining: progress.remaining,
            next: "\(step): \(progress.next)", unit: progress.unit, block: progress.block, claims: progress.claims))
      }
    }
    try Self.report(output)
    return record
  }

  /// The files for people beside the figures, where there are figures.
  private static func report(_ directory: String) throws(QualificationError) {
    guard AtomicFile.exists("\(directory)/\(ResultStore.fileName)") else { return }
    do { try ReportWriter.writeAll(try ResultStore.read(directory), to: directory) } catch ReportError.file(let error) {
      throw .file(error)
    } catch { throw .usage("\(error)") }
  }

  private static func ending(_ error: QualificationError) -> ExitCode {
    switch error {
    case .usage: end(error)
    case .file: end(error, "Finished steps are kept, and the same command goes on.")
    case .otherHost: end(Status.notComparable, error.description)
    case .unavailable: end(Status.unavailable, error.description)
    case .interrupted: end(Status.interrupted, error.description)
    }
  }

  private func conclude(_ record: QualificationRecord) throws {
    say("everything is in \(output); hand it in with: nearmetal bundle create \(output) --key KEYFILE")
    let blockers = record.requirements.filter { $0.requirement == .blocker && $0.outcome != .pass }
    let names = blockers.map { "\($0.id) (\($0.outcome.rawValue))" }.joined(separator: ", ")
    switch record.outcome {
    case .qualified: return
    case .notQualified: throw end(Status.failedVerdict, "not qualified: \(names)")
    case .undecided: throw end(Status.inconclusive, "undecided: \(names)")
    }
  }
}
