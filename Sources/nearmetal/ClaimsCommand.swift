import ArgumentParser
import Definitions
import Reports
import Results
import Statistics
import Verdicts

/// `nearmetal claims`.
struct ClaimsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "claims", abstract: "Holds a run against claims: pass, fail or inconclusive.",
    discussion: """
      Example: nearmetal claims out

      A claim that fails, unless it is optional, makes the exit status 2; else a blocker that is inconclusive makes it 7.
      """)

  @Argument(help: "The run's directory.")
  var directory = "."
  @Option(help: "A YAML file of claims instead of those that come with the program.")
  var claims: String?
  @OptionGroup var display: Display

  func run() throws {
    let result: RunResult
    do throws(DocumentReadError) { result = try ResultStore.read(directory) } catch {
      throw end(error)
    }
    if result.run.buildConfiguration == .debug {
      say("a debug build measured this: its figures say nothing about the host")
    }
    let claims = try readClaims()
    try checkBlocks(claims, result)
    let records = ClaimJudge.decide(claims, result)
    switch display.format {
    case .json: try printJSON(records)
    case .text: try printScreen(ClaimText.render(records, display.options(in: directory)))
    case .csv, .markdown: try display.print(ClaimText.table(records))
    }
    try conclude(records)
  }

  private func readClaims() throws -> [Claim] {
    guard let path = claims else { return try Tool.claims() }
    do throws(DefinitionError) { return try ClaimFile.read(path).claims } catch {
      throw end(error)
    }
  }

  /// A run that cannot decide any claim that it measured is refused: that is no verdict.
  private func checkBlocks(_ claims: [Claim], _ result: RunResult) throws {
    let timed = ClaimJudge.applicable(claims, to: result).filter(\.test.isOfRatio)
    let needs = timed.map { BlockPlanning.minimumPaired(alpha: (1 - $0.level) / Double(result.run.looks)) }
    guard let least = needs.min(), result.run.blocks < least else { return }
    throw end(
      Status.usage,
      "\(directory): \(result.run.blocks) blocks cannot decide a claim: at least \(least) are needed; measure with --blocks "
        + "\(least) or more")
  }

  private func conclude(_ records: [ClaimRecord]) throws {
    let failed = records.filter { $0.verdict == .fail && $0.requirement != .optional }
    if !failed.isEmpty {
      throw end(Status.failedVerdict, "not as claimed: \(failed.map(\.id).joined(separator: ", "))")
    }
    let open = records.filter { $0.verdict == .inconclusive && $0.requirement == .blocker }
    if !open.isEmpty {
      throw end(Status.inconclusive, "undecided: \(open.map(\.id).joined(separator: ", "))")
    }
  }
}
