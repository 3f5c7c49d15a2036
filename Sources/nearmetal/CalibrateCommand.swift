import ArgumentParser
import Definitions
import Foundation
import LinuxSystem
import Results
import Runner
import Statistics
import Verdicts

/// `nearmetal calibrate`.
struct CalibrateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calibrate", abstract: "Tells how well the gate judges on this host.",
    discussion: """
      Measures pairs of runs of this very build, interleaved as the gate does it, and lets the gate judge them: how often does it
      find a regression where there is none, how often one that was put there, and how small a one could it find? What comes
      out is kept for this host, and later results carry it.

      A decision is a gate over one workload on one machine in one mode in one pair; no leg counts in two of them.

      Examples:
        nearmetal calibrate --decisions 100 --quick
        nearmetal calibrate --decisions 7 --inject io-slow=5% --inject guest-delay=100ns --detections 40
      """)

  @Argument(help: "A suite's name (see nearmetal list suites) or the path of a YAML file.")
  var suite = "calibrate"
  @Option(help: "Decisions about equal sides, at least.")
  var decisions = 100
  @Option(help: "Decisions about each slowdown, at least.")
  var detections = 20
  @Flag(help: "As few blocks as the gate accepts, and short windows.")
  var quick = false
  @Option(help: "Blocks of each side of a decision instead of the suite's number.")
  var blocks: Int?
  @Option(
    parsing: .singleValue,
    help: """
      A slowdown that should be found, as for nearmetal run; once for each of several. By default io-slow=10% where the suite \
      has a disk.
      """)
  var inject: [String] = []
  @Flag(help: "Slow nothing.")
  var noInject = false
  @Option(help: "One-sided error of a decision, as for nearmetal gate.")
  var alpha = GateOptions().alpha
  @Option(help: "The smallest slowdown, as a share, that is called a regression, as for nearmetal gate.")
  var minimumEffect = GateOptions().minimumEffect
  @Option(
    help:
      "A metric to judge (repeatable), or all; each workload's headline metric if it is not given, as in nearmetal gate."
  )
  var metric: [String] = []
  @Option(help: "Windows a boot, to tell how much those of one boot differ.")
  var iterations = 2
  @Flag(
    inversion: .prefixedNo,
    help: "Also find how long turns are best for each workload; by default unless --quick. Later runs here use it.")
  var turns: Bool?
  @Option(help: "Seed of the legs' order and the workloads' data; drawn if it is not given.")
  var seed: UInt64?
  @Option(help: "Where the disk image of block workloads is made; a file system with O_DIRECT.")
  var diskDirectory = "/var/tmp"
  @Option(help: "Where calibrations are kept; by default nearmetal/calibration in $XDG_STATE_HOME or ~/.local/state.")
  var stateDirectory: String?
  @OptionGroup var display: Display

  /// Nanoseconds with --quick.
  private static let quickWarmup: UInt64 = 10_000_000
  private static let quickWindow: UInt64 = 30_000_000

  func validate() throws {
    guard (1...100_000).contains(decisions) else {
      throw ValidationError("--decisions: expected a whole number from 1 to 100000, found \(decisions)")
    }
    guard (1...20).contains(iterations) else {
      throw ValidationError("--iterations: expected a whole number from 1 to 20, found \(iterations)")
    }
    guard alpha > 0, alpha < 0.5 else {
      throw ValidationError("--alpha: expected a number above 0 and below 0.5, found \(alpha)")
    }
    guard (0...GateOptions().margin).contains(minimumEffect) else {
      throw ValidationError(
        "--minimum-effect: expected a number from 0 to the gate's margin, \(GateOptions().margin), found \(minimumEffect)"
      )
    }
    guard (1...100_000).contains(detections) else {
      throw ValidationError("--detections: expected a whole number from 1 to 100000, found \(detections)")
    }
    guard inject.isEmpty || !noInject else {
      throw ValidationError("--inject and --no-inject: expected one of them, found both")
    }
    for text in inject where InjectionRecord(text) == nil {
      throw ValidationError("--inject: expected \(InjectionRecord.expected), found \(text)")
    }
    let need = BlockPlanning.minimumPaired(alpha: alpha)
    if let blocks, !(need...1000).contains(blocks) {
      throw ValidationError("--blocks: expected a whole number from \(need) to 1000 at alpha \(alpha), found \(blocks)")
    }
  }

  func run() throws {
    let interruption = Interruption()
    watch(interruption) { "stopping; the pairs that are complete are kept" }
    let suite = try readSuite()
    let injections = try self.injections(for: suite)
    let paired = try prepare(suite, interruption)
    let lock = try takeLock(interruption)
    if BuildConfiguration.current == .debug {
      say("this is a debug build: what it finds is shown and not kept; build with -c release")
    }
    let calibration = CalibrationRun(
      paired, suite: suite, options: GateOptions(alpha: alpha, minimumEffect: minimumEffect, metrics: metric),
      injections: injections, decisions: decisions, detections: detections)
    let line = ProgressLine()
    let outcome: CalibrationRun.Outcome
    do throws(GateError) { outcome = try calibration.run(Tool.record, line.progress) } catch {
      line.finish()
      throw end(Status.incompleteWorkload, error.description)
    }
    var record = outcome.record
    if turns ?? !quick, outcome.ending == .complete {
      line.finish()
      record.turnLengths = paired.turnLengths { say("how long turns of \($0) are best") }
    }
    line.finish()
    _ = consume lock
    for (place, reason) in outcome.leftOut.sorted(by: { $0.key < $1.key }) {
      say("no decision about \(place): \(reason)")
    }
    try show(record)
    try keep(record, outcome.ending)
  }

  private func readSuite() throws -> Suite {
    do throws(DefinitionError) {
      var suite = try SuiteReader.read(suite)
      if quick {
        suite.blocks = BlockPlanning.minimumPaired(alpha: alpha)
        suite.warmup = Self.quickWarmup
        suite.window = Self.quickWindow
      }
      if let blocks { suite.blocks = blocks }
      suite.extend = 0
      suite.blocks = max(suite.blocks, BlockPlanning.minimumPaired(alpha: alpha))
      return suite
    } catch { throw end(error) }
  }

  private func injections(for suite: Suite) throws -> [InjectionRecord] {
    if inject.isEmpty {
      let usual = InjectionRecord(.ioSlow, amount: 10)
      return noInject || usual.reached(in: suite).isEmpty ? [] : [usual]
    }
    return try inject.compactMap(InjectionRecord.init).map { injection in
      guard !injection.reached(in: suite).isEmpty else {
        throw end(Status.usage, "--inject \(injection): no workload of the suite \(suite.name) is slowed by it")
      }
      return injection
    }
  }

  private func prepare(_ suite: Suite, _ interruption: Interruption) throws -> PairedRun {
    let options = Run.Options(
      seed: seed ?? UInt64.random(in: 1...UInt64(Int64.max)), command: Tool.arguments, tool: Tool.record,
      diskDirectory: diskDirectory)
    do throws(RunError) { return try PairedRun(suite, options, iterations: iterations, interruption) } catch {
      if case .guest = error { throw end(Status.usage, error.description) }
      throw end(Status.unavailable, error.description)
    }
  }

  private func show(_ record: CalibrationRecord) throws {
    switch display.format {
    case .json: try printJSON(record)
    case .text: try printScreen(CalibrationText.render(record, display.options()))
    case .csv, .markdown: try display.print(CalibrationText.table(record))
    }
  }

  private func keep(_ record: CalibrationRecord, _ ending: CalibrationRun.Ending) throws {
    let store = CalibrationStore(folder: stateDirectory)
    // What was cut short does not replace what is worth more.
    let older = ending == .complete ? nil : (try? store.read(record.fingerprint))?.falseAlarms.trials
    let isKept =
      BuildConfiguration.current == .release && record.falseAlarms.trials > 0
      && (older ?? 0) <= record.falseAlarms.trials
    do throws(CalibrationError) {
      if isKept { try store.write(record) }
    } catch { throw end(error, "What was found is on standard output alone.") }
    if isKept { say("kept in \(store.path(of: record.fingerprint)); later results of this host carry it") }
    guard ending != .stuck else {
      throw end(Status.incompleteWorkload, "pair after pair gave no decision; what there is, is shown")
    }
    guard ending == .complete else {
      throw end(
        Status.interrupted, "interrupted: \(record.falseAlarms.trials) decisions about equal sides are what there is")
    }
  }
}
