import ArgumentParser
import Counters
import Definitions
import LinuxSystem
import Machines
import Reports
import Results
import Runner
import Topology

/// `nearmetal run`.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Measures a suite and writes its report.",
    discussion: """
      Examples:
        nearmetal run exits --output out
        nearmetal run claims --until decided --at-most 10m --output out
        nearmetal run --resume out
      """)

  @Argument(help: "A suite's name (see nearmetal list suites) or the path of a YAML file.")
  var suite = "quick"
  @Option(help: "Directory for result.json and the report; made if it is not there.")
  var output: String?
  @Option(
    help:
      "Go on with the run in this directory that did not come to its end, as it was begun; only --format, --all and --wide may be given besides."
  )
  var resume: String?
  @Flag(help: "Replace another run's result in the output directory.")
  var replace = false
  @Option(help: "none: result.json alone is written; nearmetal report makes its report whenever it is wanted.")
  var report = RunReport.all
  @Option(help: "Blocks to measure instead of the suite's number.")
  var blocks: Int?
  @Option(help: "Blocks to add, once, if a blocking claim is undecided; declared now, it halves every error.")
  var extend: Int?
  @Option(
    help: """
      decided: go on until every claim about the suite is decided or would hardly be. The run is looked at a few times that are \
      known beforehand, and all looks together err as often as one would.
      """)
  var until: RunEnd?
  @Option(help: "The longest that a run with --until may take, such as 90s, 10m or 2h; 10m if it is not given.")
  var atMost: String?
  @Option(
    help: """
      Windows, warm-up and disk times this, from 0.01 to 100: for a host on which the suite as it is takes too long. The \
      result says so.
      """)
  var scale: Double?
  @Option(help: "Seed of the legs' order and the workloads' data; drawn if it is not given.")
  var seed: UInt64?
  @Option(
    help: """
      same-node, remote-node, smt-sibling, spread, two CPUs such as 0,1 (workload, I/O), or a list such as \
      vcpu=2,io=3,memory=0,device=1 of CPUs and NUMA nodes.
      """)
  var placement = "same-node"
  @Option(help: "Pages of guest RAM and native arena: none, thp or hugetlb; the suite's if it is not given.")
  var hugePages: String?
  @Option(help: "A probe image instead of the one that comes with the program.")
  var probe: String?
  @Option(
    help: "basic, vm, none, off, or names of events between commas (see nearmetal list events); else the suite's.")
  var counters: String?
  @Option(help: "Of the suite's machines only these (repeatable): native, nearmetal, qemu.")
  var machine: [Machine] = []
  @Option(help: "Where the disk image of block workloads is made; a file system with O_DIRECT.")
  var diskDirectory = "/var/tmp"
  @OptionGroup var given: GivenImage
  @Option(
    help: """
      Slow the nearmetal guests on purpose, to see whether that is noticed: io-delay=NS, io-slow=PERCENT, exit-delay=NS, \
      guest-delay=NS or extra-exits=NUMBER.
      """)
  var inject: String?
  @Option(
    help: """
      The number of a socket, inherited from nearmetal gate, by which two runs at the same time are told to go on by turns. \
      Whoever paces a run holds the host's lock.
      """)
  var pacedBy: Int32?
  @Option(
    help: """
      Only workloads that a pattern fits, by their id or with their parameters, such as 'block.*' or '*qd=32*'; may be repeated.
      """)
  var only: [String] = []
  @Option(help: "No workloads that a pattern fits; may be repeated.")
  var skip: [String] = []
  @Option(help: "Only workloads of a kind: \(SuiteFilter.tags); may be repeated.")
  var tag: [String] = []
  @Option(help: "Whole runs to make, one after the other, in the directories 1, 2 and so on below the output.")
  var `repeat` = 1
  @OptionGroup var display: Display

  mutating func validate() throws {
    if resume != nil, Self.saysMore(Tool.arguments.dropFirst(2)) {
      throw ValidationError("--resume: expected no other option with it but --format, --all and --wide")
    }
    if let blocks, !(1...1000).contains(blocks) {
      throw ValidationError("--blocks: expected a whole number from 1 to 1000, found \(blocks)")
    }
    if let extend, !(0...1000).contains(extend) {
      throw ValidationError("--extend: expected a whole number from 0 to 1000, found \(extend)")
    }
    if until == nil, atMost != nil { throw ValidationError("--at-most: expected --until decided with it") }
    if until != nil, blocks != nil || extend != nil {
      throw ValidationError(
        "--until: expected neither --blocks nor --extend with it: the time says how many blocks there are")
    }
    if let atMost, !Self.times.contains(Quantity.parse(atMost) ?? 0) {
      throw ValidationError("--at-most: expected a time from 10s to 24h, found \(atMost)")
    }
    guard (1...1000).contains(`repeat`) else {
      throw ValidationError("--repeat: expected a whole number from 1 to 1000, found \(`repeat`)")
    }
    if `repeat` > 1, output == nil || pacedBy != nil { throw ValidationError("--repeat: expected --output with it") }
    if let unknown = tag.first(where: { !SuiteFilter.isTag($0) }) {
      throw ValidationError("--tag: expected one of \(SuiteFilter.tags), found \(unknown)")
    }
    if let scale, !Suite.scales.contains(scale) {
      throw ValidationError("--scale: expected a number from 0.01 to 100, found \(scale)")
    }
    if let counters, CounterSelection(counters) == nil {
      throw ValidationError(
        "--counters: expected \(CounterSelection.expected), found \(counters)")
    }
    guard PlacementPolicy(placement) != nil else {
      throw ValidationError(
        "--placement: expected \(PlacementPolicy.expected), found \(placement)")
    }
    if let hugePages, MemoryPages(rawValue: hugePages) == nil {
      throw ValidationError("--huge-pages: expected none, thp or hugetlb, found \(hugePages)")
    }
    if let inject, InjectionRecord(inject) == nil {
      throw ValidationError("--inject: expected \(InjectionRecord.expected), found \(inject)")
    }
  }

  /// Whether the words behind `nearmetal run` say more than what is to go on, and how it is shown.
  private static func saysMore(_ words: ArraySlice<String>) -> Bool {
    var rest = words
    while let word = rest.popFirst() {
      if ["--resume", "--format"].contains(word) {
        _ = rest.popFirst()
      } else if !word.hasPrefix("--resume="), !word.hasPrefix("--format="), !["--all", "--wide"].contains(word) {
        return true
      }
    }
    return false
  }

  /// Nanoseconds that a run until all is decided may take, and takes if it is not told.
  private static let times: ClosedRange<UInt64> = 10_000_000_000...86_400_000_000_000
  private static let usualTime: UInt64 = 600_000_000_000

  func run() throws {
    if let resume { try resumed(resume) } else if `repeat` > 1 { try measureRepeatedly() } else { try measure() }
  }

  /// Makes several runs. One that could not be run to its end does not keep the next from being made; an interruption does.
  private func measureRepeatedly() throws {
    var first: ExitCode?
    for number in 1...`repeat` {
      var command = self
      command.repeat = 1
      command.output = output.map { "\($0)/\(number)" }
      command.seed = seed.map { $0 &+ UInt64(number - 1) }
      say("run \(number) of \(`repeat`)")
      do { try command.measure() } catch let code as ExitCode {
        guard code == Status.incompleteWorkload else { throw code }
        first = first ?? code
      }
    }
    if let first { throw first }
  }

  /// Goes on with a run by the command that began it.
  private func resumed(_ directory: String) throws {
    let kept: KeptRun
    do throws(DocumentReadError) { kept = try KeptRun.read(directory) } catch {
      throw end(
        error, AtomicFile.exists("\(directory)/\(ResultStore.fileName)") ? "The run there came to its end." : nil)
    }
    let words = kept.result.run.command
    guard words.count > 1, words[1] == "run", kept.result.run.isPaced != true,
      var command = try? Self.parse(Array(words[2...]))
    else {
      throw end(
        Status.usage, "\(directory): the run there was begun by another verb: only nearmetal run can go on with its own"
      )
    }
    (command.output, command.seed, command.display) = (directory, kept.result.run.seed.value, display)
    say("going on with the run \(kept.result.run.id) after \(kept.blocks) whole blocks")
    try command.measure(resuming: kept)
  }

  private func measure(resuming kept: KeptRun? = nil) throws {
    let interruption = Interruption()
    let placed = Kept()
    watch(interruption) { placed.sentence }
    var suite = try readSuite()
    let disk = try given.disk(&suite)
    try checkClaims(suite)
    let injection = try self.injection(for: suite)
    let run = try prepare(suite, disk, injection, interruption, kept)
    let lock = pacedBy == nil ? try takeLock(interruption) : nil
    let directory = output ?? "nearmetal-runs/\(run.identifier)"
    let journal = try self.journal(of: run, in: directory, kept)
    placed.directory = directory
    if BuildConfiguration.current == .debug {
      say("this is a debug build: it keeps what it measures but compares nothing; build with -c release")
    }
    let line = ProgressLine()
    let result = run.run(line.progress, journal: journal)
    line.finish()
    _ = consume lock
    let problem = write(result, to: directory)
    try display.show(result, in: report == .all ? directory : nil)
    if let problem { throw problem }
    try conclude(result, directory)
  }

  private func prepare(
    _ suite: Suite, _ disk: GivenDisk?, _ injection: InjectionRecord?, _ interruption: Interruption, _ kept: KeptRun?
  ) throws -> Run {
    let pacer: Pacer?
    do throws(SystemError) {
      pacer = try pacedBy.map { descriptor throws(SystemError) in try Pacer(descriptor, interruption) }
    } catch { throw end(Status.usage, "--paced-by: \(error)") }
    var options = Run.Options(
      seed: seed ?? UInt64.random(in: 1...UInt64(Int64.max)), command: Tool.arguments, tool: Tool.record,
      placement: PlacementPolicy(placement) ?? .sameNode, pages: hugePages.flatMap(MemoryPages.init), probe: probe,
      diskDirectory: diskDirectory, claims: try Tool.claims(), injection: injection,
      atMost: until.map { _ in Double(atMost.flatMap(Quantity.parse) ?? Self.usualTime) / 1e9 }, pacer: pacer,
      calibration: Calibrations.find)
    options.disk = disk
    options.kept = kept
    do throws(RunError) { return try Run(suite, options, interruption) } catch {
      switch error {
      case .probe, .counters: throw end(error)
      case .guest: throw end(Status.usage, error.description)
      case .otherRun: throw end(Status.notComparable, error.description)
      default: throw end(Status.unavailable, error.description)
      }
    }
  }

  private func conclude(_ result: RunResult, _ directory: String) throws {
    if report == .none {
      say("the result is \(directory)/result.json; \(Tool.command) report \(directory) makes its report")
    } else if display.format != .text {
      say("the report is \(directory)/report.html, its data \(directory)/result.json")
    }
    if result.run.interrupted {
      throw end(
        Status.interrupted,
        "interrupted: \(result.legs.count) legs were measured and are kept; nearmetal run --resume \(directory) goes on"
      )
    }
    let failed = result.legs.filter { $0.status == .failed }
    if let first = failed.first {
      throw end(
        Status.incompleteWorkload,
        "\(failed.count) of \(result.legs.count) legs failed, first \(first.id): \(first.reason ?? "")")
    }
  }
}

/// When a run ends, other than after a number of blocks.
enum RunEnd: String, ExpressibleByArgument, CaseIterable {
  case decided
}

/// What is written beside a run's result.json.
enum RunReport: String, ExpressibleByArgument, CaseIterable {
  case all, none
}
