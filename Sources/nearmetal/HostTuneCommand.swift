import ArgumentParser
import Glibc
import HostTuning
import LinuxSystem
import Runner
import Topology

/// `nearmetal host tune`.
struct HostTuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune", abstract: "Makes the host quieter for measurements, and undoes that.",
    discussion: """
      Governor, turbo, idle states of the legs' CPUs, interrupts off the workload's CPU, transparent and reserved huge pages. \
      What was there before is saved in \(HostTuner.statePath) first: --reset puts it back, also after a crash.

      Examples:
        nearmetal host tune --show
        sudo nearmetal host tune --apply && nearmetal run quick --output out; sudo nearmetal host tune --reset
      """)

  enum Action: String, EnumerableFlag {
    case show, apply, reset

    static func help(for value: Action) -> ArgumentHelp? {
      switch value {
      case .show: "Says what would be changed."
      case .apply: "Changes it; needs root."
      case .reset: "Puts back what was there before; needs root."
      }
    }
  }

  @Flag(exclusivity: .exclusive)
  var action = Action.show
  @Option(help: "The run's placement, whose CPUs are meant.")
  var placement = "same-node"
  @Option(help: "Pages of 2 MiB to have reserved for --huge-pages hugetlb; 0 leaves the reserve alone.")
  var reserveHugePages = 0
  @Option(help: "Where what was there before is kept.")
  var state = HostTuner.statePath
  @Option(help: "text or json.")
  var format = OutputFormat.text

  mutating func validate() throws {
    guard PlacementPolicy(placement) != nil else {
      throw ValidationError("--placement: expected \(PlacementPolicy.expected), found \(placement)")
    }
    guard (0...1 << 24).contains(reserveHugePages) else {
      throw ValidationError("--reserve-huge-pages: expected a whole number from 0, found \(reserveHugePages)")
    }
  }

  func run() throws {
    if action != .show, geteuid() != 0 {
      throw end(
        Status.unavailable, "host tune --\(action.rawValue) changes the kernel's settings: run it as root (sudo)")
    }
    let tuner = HostTuner(statePath: state)
    switch action {
    case .show: try show(try tuning().items())
    // No run is disturbed by tuning, and no run is tuned half.
    case .apply:
      let lock = try takeLock()
      let items = try tuning().items()
      let outcome = try changing { () throws(TuneError) in try tuner.apply(items) }
      _ = consume lock
      try show(outcome)
    case .reset:
      let lock = try takeLock()
      let outcome = try changing { () throws(TuneError) in try tuner.reset() }
      _ = consume lock
      if outcome.isEmpty { say("nothing to put back: \(state) is not there") }
      try show(outcome)
      let stuck = outcome.filter { if case .refused = $0.outcome { true } else { false } }
      if let first = stuck.first {
        throw end(
          Status.unavailable, "\(stuck.count) settings could not be put back, first \(first.path): \(first.outcome)")
      }
    }
  }

  private func tuning() throws -> HostTuning {
    do {
      return try HostTuning.forRun(PlacementPolicy(placement) ?? .sameNode, reservedPages: reserveHugePages)
    } catch { throw end(Status.unavailable, "\(error)") }
  }

  private func changing(_ body: () throws(TuneError) -> [TuneItem]) throws -> [TuneItem] {
    do throws(TuneError) { return try body() } catch { throw end(error) }
  }

  private func show(_ items: [TuneItem]) throws {
    switch format {
    case .text: for line in TuneItem.lines(items) { printLine(line) }
    case .json: try printJSON(items.map(Row.init))
    }
  }

  private struct Row: Encodable {
    let setting: String
    let subject: String?
    let path: String
    let outcome: String

    init(_ item: TuneItem) {
      (setting, subject, path) = (item.setting, item.subject, item.path)
      outcome = item.outcome.description
    }
  }
}
