import ArgumentParser
import Counters
import Definitions
import Results
import Runner
import Verdicts

/// What a run is to measure: the suite, changed by the options, and what must hold of it.
extension RunCommand {
  /// The suite with what the options change of it.
  func readSuite() throws -> Suite {
    var suite: Suite
    do throws(DefinitionError) {
      suite = try SuiteReader.read(self.suite)
      try SuiteFilter(only: only, skip: skip, tags: tag).apply(to: &suite)
    } catch { throw end(error) }
    if let blocks { suite.blocks = blocks }
    if let extend { suite.extend = extend }
    if let selection = counters.flatMap({ CounterSelection($0) }) { suite.counters = selection }
    if !machine.isEmpty {
      suite = suite.restricted(to: Set(machine))
      guard !suite.entries.isEmpty else {
        throw end(Status.usage, "--machine: the suite \(suite.name) measures nothing there")
      }
    }
    return scale.map(suite.scaled) ?? suite
  }

  /// A run that ends when its claims are decided must have some.
  func checkClaims(_ suite: Suite) throws {
    guard until != nil else { return }
    let claims = try Tool.claims().filter(\.test.isOfRatio)
    let isClaimed = suite.entries.contains { entry in
      claims.contains { $0.workload.covers(entry.workload) && entry.paths.contains($0.path) }
    }
    guard isClaimed else {
      throw end(
        Status.usage,
        "--until decided: no claim speaks of what the suite \(suite.name) measures; see nearmetal list claims")
    }
  }

  /// The slowdown that was asked for. One that reaches nothing of the suite is an error, one that does not reach all is said.
  func injection(for suite: Suite) throws -> InjectionRecord? {
    guard let inject, let injection = InjectionRecord(inject) else { return nil }
    let reached = injection.reached(in: suite)
    guard !reached.isEmpty else {
      throw end(Status.usage, "--inject \(inject): no workload of the suite \(suite.name) is slowed by it")
    }
    say("slowed on purpose by \(injection), on nearmetal alone: \(reached.joined(separator: ", ")); nothing else is")
    return injection
  }
}
