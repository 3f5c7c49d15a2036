import ArgumentParser
import Bills
import Reports
import Results

/// `nearmetal bill diff`.
struct BillDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "What changed from one bill to another, exactly; it judges nothing.",
    discussion: """
      Examples:
        nearmetal bill diff b61 b612
        nearmetal bill diff main mine --output diff      bill-diff.md for a pull request, junit.xml, bill-diff.json

      Exit status: 0 the difference is shown; 5 the bills are of different suites, backends, processors or versions; 64 a bill \
      cannot be read.
      """)

  @Argument(help: "Directory of the base's bill, or its bill.json.")
  var base: String
  @Argument(help: "Directory of the head's bill.")
  var head: String
  @OptionGroup var options: BillComparisonOptions
  @Flag(help: "Show the lines that did not change too.")
  var all = false

  func run() throws {
    let comparison = try options.compare(base, head)
    try options.keep(comparison)
    switch options.format {
    case .text: try printText(BillText.render(comparison, all: all))
    case .json: try printJSON(comparison)
    }
  }
}

/// How two bills are compared and what is left of that.
struct BillComparisonOptions: ParsableArguments {
  @Option(help: "What a line may cost more or less and count as unchanged: a share such as 0.2%, or instructions.")
  var threshold = "0.2%"
  @Option(help: "Directory for bill-diff.md, bill-diff.json and junit.xml; made if it is not there.")
  var output: String?
  @Option(help: "What standard output shows: text or json.")
  var format = OutputFormat.text

  func validate() throws { _ = try BillComparisonOptions.threshold(threshold) }

  static func threshold(_ text: String) throws -> BillThreshold {
    guard let threshold = BillThreshold(text) else {
      throw ValidationError("--threshold: expected a share such as 0.2%, or a number of instructions, found \(text)")
    }
    return threshold
  }

  func compare(_ base: String, _ head: String) throws -> BillComparison {
    try Self.compare(base, head, try Self.threshold(threshold))
  }

  static func compare(_ base: String, _ head: String, _ threshold: BillThreshold) throws -> BillComparison {
    do {
      return try BillComparison(base: try BillStore.read(base), head: try BillStore.read(head), threshold: threshold)
    } catch let error as BillsDiffer {
      throw end(Status.notComparable, error.description)
    } catch { throw end(error) }
  }

  func keep(_ comparison: BillComparison) throws {
    guard let output else { return }
    do throws(ReportError) { try BillReport.writeAll(comparison, to: output) } catch { throw end(error) }
  }
}
