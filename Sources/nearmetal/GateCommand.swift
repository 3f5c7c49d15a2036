import ArgumentParser
import Bills
import Definitions
import Foundation
import LinuxSystem
import Reports
import Results
import Runner
import Topology
import Verdicts

/// `nearmetal gate`.
struct GateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gate", abstract: "Is head as good as base? For a change of the kernel, the firmware or this program.",
    discussion: """
      Examples:
        nearmetal gate --base main --head out                          a baseline of this host, and a run
        nearmetal gate --base-binary old/nearmetal --head-binary .build/release/nearmetal --suite quick --output gate
        nearmetal gate --base-bill b61 --head-bill b612 --threshold 1%   two bills, by instructions

      Two builds' guests live at the same time and take turns with each other; two runs are compared by their ratios to bare
      metal. Counts for one operation (exits, interrupts, doorbells, the disk engine's system calls, copies) are compared too, exactly \
      where they are integers.

      Exit status: 0 pass; 2 fail; 5 the baseline is missing or its host is another one; 7 inconclusive.
      """)

  @Option(help: "A run's directory, or the name of a baseline.")
  var base: String?
  @Option(help: "A run's directory.")
  var head: String?
  @Option(help: "A build of this program to measure as base, interleaved with the head.")
  var baseBinary: String?
  @Option(help: "A build of this program to measure as head.")
  var headBinary: String?
  @Option(help: "A bill to hold another one against: its directory, or the name of a baseline; see nearmetal bill.")
  var baseBill: String?
  @Option(help: "The bill to judge.")
  var headBill: String?
  @Option(help: "What a line of a bill may cost more: a share such as 0.2%, or instructions.")
  var threshold = "0.2%"
  @Option(help: "What both builds measure: a suite's name or the path of a YAML file.")
  var suite = "quick"
  @Option(help: "Blocks of each build; the suite's number, and at least 10, if it is not given.")
  var blocks: Int?
  @Option(help: "Seed of the order and the workloads' data; drawn if it is not given.")
  var seed: UInt64?
  @Option(help: "Where both builds' legs run: see nearmetal run.")
  var placement: String?
  @Option(help: "Where both builds make the disk image of block workloads: see nearmetal run.")
  var diskDirectory: String?
  @Option(help: "The slowdown, as a share, that a pass must exclude.")
  var margin = GateOptions().margin
  @Option(help: "One-sided error: the chance of a regression where nothing changed.")
  var alpha = GateOptions().alpha
  @Option(help: "What shares that error, by Holm's procedure: gate, workload or none.")
  var family = GateOptions().family
  @Option(help: "The smallest slowdown, as a share, that is called a regression.")
  var minimumEffect = GateOptions().minimumEffect
  @Option(help: "A metric to judge (repeatable), or all; each workload's headline metric if it is not given.")
  var metric: [String] = []
  @Option(help: "What fails the gate besides a regression (repeatable): regression, inconclusive or improvement.")
  var failOn: [GateOutcome] = []
  @Option(help: "Directory for gate.json, summary.md and junit.xml; made if it is not there.")
  var output: String?
  @Option(
    help: "Findings for a CI system: github prints workflow commands, gitlab writes codequality.json to the output.")
  var annotations: GateAnnotations?
  @OptionGroup var display: Display
  @OptionGroup var baselines: BaselineCommand.Store

  /// Of each side, unless a suite has more.
  private static let blocks = 10

  private var options: GateOptions {
    GateOptions(
      margin: margin, alpha: alpha, family: family, minimumEffect: minimumEffect, metrics: metric, failOn: failOn)
  }

  mutating func validate() throws {
    let runs = [base, head].compactMap(\.self).count
    let binaries = [baseBinary, headBinary].compactMap(\.self).count
    let bills = [baseBill, headBill].compactMap(\.self).count
    guard [runs, binaries, bills].sorted() == [0, 0, 2] else {
      throw ValidationError(
        "expected --base with --head, --base-binary with --head-binary, or --base-bill with --head-bill")
    }
    _ = try BillComparisonOptions.threshold(threshold)
    if let problem = options.problem { throw ValidationError(problem) }
    if let blocks, !(1...1000).contains(blocks) {
      throw ValidationError("--blocks: expected a whole number from 1 to 1000, found \(blocks)")
    }
    if baseBinary != nil, (blocks ?? Self.blocks) < options.leastPairs {
      throw ValidationError(
        "--blocks: expected at least \(options.leastPairs), which decide at alpha \(alpha), found \(blocks ?? Self.blocks)"
      )
    }
    if failOn.contains(.unchanged) {
      throw ValidationError("--fail-on: expected regression, inconclusive or improvement, found unchanged")
    }
    if annotations == .gitlab, output == nil {
      throw ValidationError("--annotations gitlab: expected --output, where codequality.json is written")
    }
  }

  func run() throws {
    if let baseBill, let headBill { return try judge(baseBill, headBill) }
    let runs = baseBinary == nil ? try read() : try measure()
    // Legs of one work may be spelled differently.
    let (base, head) = (runs.base, WorkloadCatalog.respelled(runs.head, as: runs.base))
    let hosts = try checkHosts(base, head)
    var verdict: GateVerdict
    let failure = runs.failure.map { GateFailure(side: $0.side.rawValue, reason: $0.reason) }
    do throws(GateError) { verdict = try Gate.decide(base: base, head: head, options, failure: failure) } catch {
      throw end(error)
    }
    verdict.changes = hosts.differences.filter { Fingerprint.isSubject($0.fact) }
    try show(verdict)
    try write(verdict)
    if base.run.interrupted && baseBinary != nil { throw end(Status.interrupted, "interrupted: \(verdict.headline)") }
    try conclude(verdict)
  }

  // MARK: Bills

  /// Two bills: nothing is inconclusive but what their passes show not to be deterministic.
  private func judge(_ base: String, _ head: String) throws {
    guard display.format != .csv else {
      throw end(Status.usage, "--format csv: a gate of bills writes text, json or markdown")
    }
    let base = try BaselineCommand.billPath(base, for: head, baselines)
    let comparison = try BillComparisonOptions.compare(base, head, try BillComparisonOptions.threshold(threshold))
    if let output {
      do throws(ReportError) { try BillReport.writeAll(comparison, to: output) } catch { throw end(error) }
    }
    switch display.format {
    case .markdown: try printText(BillMarkdown.render(comparison))
    case .json: try printJSON(comparison)
    case .text, .csv: try printText(BillText.render(comparison))
    }
    let worst = comparison.changes.first
    switch comparison.outcome {
    case .regression: throw end(Status.failedVerdict, "fail: \(BillText.line(worst, of: comparison))")
    case .inconclusive where !failOn.contains(.inconclusive):
      let undecided = comparison.changes.first { $0.outcome == .inconclusive }
      throw end(Status.inconclusive, "inconclusive: \(BillText.line(undecided, of: comparison))")
    case .inconclusive, .improvement, .unchanged:
      guard failOn.contains(where: { $0.rawValue == comparison.outcome.rawValue }) else { return }
      throw end(Status.failedVerdict, "fail: \(BillText.line(worst, of: comparison))")
    }
  }

  // MARK: The two runs

  private func read() throws -> Interleaving.Outcome {
    guard let base, let head else { preconditionFailure("validated") }
    let headResult = try BaselineCommand.read(head)
    return Interleaving.Outcome(
      base: try BaselineCommand.base(base, for: headResult.host, baselines), head: headResult)
  }

  private func measure() throws -> Interleaving.Outcome {
    guard let baseBinary, let headBinary else { preconditionFailure("validated") }
    let interruption = Interruption()
    watch(interruption) { "stopping after the complete pairs" }
    let scratch = FileManager.default.temporaryDirectory.appending(path: "nearmetal-gate-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    let interleaving: Interleaving
    do {
      let suite = try SuiteReader.read(suite)
      interleaving = try Interleaving(
        Interleaving.Options(
          base: baseBinary, head: headBinary, suite: try SuiteReader.file(self.suite),
          blocks: blocks ?? max(Self.blocks, suite.blocks), seed: seed ?? UInt64.random(in: 1...UInt64(Int64.max)),
          arguments: passedOn, scratch: scratch, claims: try Tool.claims()), interruption)
      try AtomicFile.makeDirectory(scratch)
      // Said now rather than after all of the measuring.
      if let output { try ResultStore.prepare("\(output)/base", replacing: true) }
    } catch { throw end(error) }
    // The blocks of two checkouts have two revisions, and this process's environment knows at most one of them.
    unsafe unsetenv("NEARMETAL_REVISION")
    for side in interleaving.unpaced() {
      say(
        "the \(side.rawValue) is of a version that cannot take turns with another: blocks are measured one after the other"
      )
    }
    let line = ProgressLine()
    defer { line.finish() }
    let runs: Interleaving.Outcome
    do throws(InterleavingError) { runs = try interleaving.run(line.progress) } catch {
      line.finish()
      switch error {
      case .interrupted: throw end(Status.interrupted, error.description)
      case .host: throw end(Status.unavailable, error.description)
      case .program(.head, _, _):
        // It was to be judged, and failed before there was anything to judge by.
        throw end(Status.failedVerdict, "fail: the head \(error)")
      case .program: throw end(Status.incompleteWorkload, error.description)
      }
    }
    if let output { try keep(runs, output) }
    return runs
  }

  /// Options that are the measuring builds' own matter.
  private var passedOn: [String] {
    [("--placement", placement), ("--disk-directory", diskDirectory)].flatMap { name, value in
      value.map { [name, $0] } ?? []
    }
  }

  /// The two results, so that the gate can be decided again: `gate --base OUTPUT/base --head OUTPUT/head`.
  private func keep(_ runs: Interleaving.Outcome, _ output: String) throws {
    do {
      try ResultStore.write(runs.base, to: "\(output)/base", replacing: true)
      try ResultStore.write(runs.head, to: "\(output)/head", replacing: true)
    } catch { throw end(error, "The two runs are not kept.") }
  }

  private func checkHosts(_ base: RunResult, _ head: RunResult) throws -> HostComparison {
    let hosts = HostComparison(
      base: base.host, head: head.host, identity: Fingerprint.identity + Fingerprint.laterIdentity)
    guard hosts.isComparable else { throw end(Status.notComparable, "not comparable: \(hosts.obstacle)") }
    guard base.run.buildConfiguration == head.run.buildConfiguration else {
      throw end(
        Status.notComparable,
        "not comparable: the base is a \(base.run.buildConfiguration.rawValue) build, the head a "
          + "\(head.run.buildConfiguration.rawValue) build")
    }
    guard base.run.scale == head.run.scale else {
      throw end(
        Status.notComparable,
        "not comparable: the base was run with --scale \(base.run.scale ?? 1), the head with --scale \(head.run.scale ?? 1)"
      )
    }
    return hosts
  }

  // MARK: The verdict

  private func write(_ verdict: GateVerdict) throws {
    guard let output else { return }
    do {
      try GateReport.writeAll(verdict, to: output)
      if annotations == .gitlab {
        try AtomicFile.write(
          [UInt8](try GateAnnotations.gitlab.render(verdict).utf8), to: "\(output)/codequality.json")
      }
    } catch { throw end(error, "The verdict is on standard output alone.") }
  }

  private func show(_ verdict: GateVerdict) throws {
    let json: [UInt8]
    let commands: String
    do throws(ReportError) {
      json = try GateReport.json(verdict)
      commands = annotations == .github ? try GateAnnotations.github.render(verdict) : ""
    } catch { throw end(error) }
    switch display.format {
    case .text:
      try printScreen(GateReport.text(verdict, display.options(in: output)), commands: commands.printableLines)
    case .json: try printBytes(json)
    case .csv, .markdown: try display.print(GateReport.table(verdict))
    }
    // Standard output is the verdict's where that is asked for as data; GitHub reads commands from either.
    if display.format != .text { StandardError.write(commands) }
  }

  private func conclude(_ verdict: GateVerdict) throws {
    switch verdict.verdict {
    case .pass: return
    case .inconclusive:
      // A base that failed says nothing about the head.
      guard verdict.failure == nil else { throw end(Status.incompleteWorkload, verdict.headline) }
      throw end(Status.inconclusive, verdict.headline)
    case .fail where verdict.failure?.isHead == true: throw end(Status.failedVerdict, verdict.headline)
    case .fail:
      let worst = verdict.comparisons.first { $0.outcome == .regression } ?? verdict.comparisons.first
      throw end(Status.failedVerdict, "\(verdict.headline); first \(worst?.name ?? "")")
    }
  }
}

extension GateFamily: ExpressibleByArgument {}
extension GateOutcome: ExpressibleByArgument {}
extension GateAnnotations: ExpressibleByArgument {}
