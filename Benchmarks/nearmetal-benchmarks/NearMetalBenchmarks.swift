import ArgumentParser

/// Benchmarks of the harness itself: what the monitor adds to an exit, where a boot's time goes, and the small
/// operations of its hot paths.
@main
struct NearMetalBenchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nearmetal-benchmarks", abstract: "Measure the harness itself.",
    subcommands: [
      ExitLoop.self, DataPath.self, Rings.self, Boot.self, Dispatch.self, Counting.self, Turns.self,
      ImageBenchmark.self,
      Sessions.self, Histories.self, Fleets.self,
    ])
}

/// What every benchmark takes.
struct Repetition: ParsableArguments {
  @Option(help: "Blocks; each measures every side once, in random order.")
  var blocks = 10
  @Option(help: "CPU of the vCPU and of the reference.")
  var cpu: Int?

  func validate() throws {
    guard blocks >= 2 else { throw ValidationError("--blocks: an interval needs 2 or more") }
  }
}
