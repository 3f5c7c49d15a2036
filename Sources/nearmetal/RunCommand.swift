import ArgumentParser
import Foundation
import Reports
import Results
import Runner
import Topology

/// `nearmetal run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Measures a suite and writes its report.",
    discussion: "Example: nearmetal run exits --output out")

  @Argument(help: "A suite's name (see nearmetal list suites) or the path of a YAML file.")
  var suite = "quick"
  @Option(help: "Directory for result.json and the report; made if it is not there.")
  var output: String?
  @Flag(help: "Replace another run's result in the output directory.")
  var replace = false
  @Option(help: "Blocks to measure instead of the suite's number.")
  var blocks: Int?
  @Option(help: "Blocks to add, once, if a blocking claim is undecided; declared now, it halves every error.")
  var extend: Int?
  @Option(help: "Seed of the legs' order and the workloads' data; drawn if it is not given.")
  var seed: UInt64?
  @Option(help: "same-node, smt-sibling, spread, or two CPUs such as 0,1: for the workload, for I/O.")
  var placement = "same-node"
  @Option(help: "A probe image instead of the one that comes with the program.")
  var probe: String?
  @Option(help: "Where the disk image of block workloads is made; a file system with O_DIRECT.")
  var diskDirectory = "/var/tmp"
  @Option(help: "What standard output shows: text or json.")
  var format = OutputFormat.text

  mutating func validate() throws {
    if let blocks, !(1...1000).contains(blocks) {
      throw ValidationError("--blocks: expected a whole number from 1 to 1000, found \(blocks)")
    }
    if let extend, !(0...1000).contains(extend) {
      throw ValidationError("--extend: expected a whole number from 0 to 1000, found \(extend)")
    }
    guard PlacementPolicy(placement) != nil else {
      throw ValidationError(
        "--placement: expected same-node, smt-sibling, spread or two CPUs such as 0,1, found \(placement)")
    }
  }

  func run() throws {
    let interruption = Interruption()
    interruption.watchSignals { say("stopping; what was measured so far is kept (again: stop at once)") }
    let suite = try readSuite()
    let run = try prepare(suite, interruption)
    let lock = try takeLock()
    let directory = output ?? "nearmetal-runs/\(run.identifier)"
    do throws(ResultWriteError) { try ResultStore.prepare(directory, replacing: replace) } catch {
      throw end(Status.usage, error.description)
    }
    if BuildConfiguration.current == .debug {
      say("this is a debug build: it keeps what it measures but compares nothing; build with -c release")
    }
    let line = ProgressLine()
    let result = run.run(line.progress)
    line.finish()
    _ = consume lock
    try write(result, to: directory)
    try show(result)
    try conclude(result, directory)
  }

  private func readSuite() throws -> Suite {
    do throws(SuiteError) {
      var suite = try SuiteReader.read(suite)
      if let blocks { suite.blocks = blocks }
      if let extend { suite.extend = extend }
      return suite
    } catch { throw end(Status.usage, error.description) }
  }

  private func prepare(_ suite: Suite, _ interruption: Interruption) throws -> Run {
    let options = Run.Options(
      seed: seed ?? UInt64.random(in: 1...UInt64(Int64.max)), command: CommandLine.arguments, tool: Tool.record,
      placement: PlacementPolicy(placement) ?? .sameNode, probe: probe,
      diskDirectory: diskDirectory, claims: try Tool.claims())
    do throws(RunError) { return try Run(suite, options, interruption) } catch {
      if case .probe = error { throw end(Status.usage, error.description) }
      throw end(Status.unavailable, error.description)
    }
  }

  private func takeLock() throws -> HostLock {
    do throws(HostLockError) { return try HostLock() } catch { throw end(Status.unavailable, error.description) }
  }

  private func write(_ result: RunResult, to directory: String) throws {
    do {
      try ResultStore.write(result, to: directory, replacing: replace)
      try ReportWriter.writeAll(result, to: directory)
    } catch { throw end(Status.usage, "\(error)") }
  }

  private func show(_ result: RunResult) throws {
    switch format {
    case .text: print(TerminalReport.render(result), terminator: "")
    case .json: FileHandle.standardOutput.write(Data(try ResultStore.encode(result)))
    }
  }

  private func conclude(_ result: RunResult, _ directory: String) throws {
    say("the report is \(directory)/report.html, its data \(directory)/result.json")
    if result.run.interrupted {
      throw end(Status.interrupted, "interrupted: \(result.legs.count) legs were measured and are kept")
    }
    let failed = result.legs.filter { $0.status == .failed }
    if let first = failed.first {
      throw end(
        Status.incompleteWorkload,
        "\(failed.count) of \(result.legs.count) legs failed, first \(first.id): \(first.reason ?? "")")
    }
  }
}
