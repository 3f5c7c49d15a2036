import ArgumentParser
import Bills
import Reports
import Results
import Verdicts

/// `nearmetal explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Splits the time of an operation in a guest into what it was spent on.",
    discussion: """
      Each disk workload that ran natively and in a guest is split, mode by mode, into the device itself, exits, interrupts,
      halts, and what is left unexplained. Costs come from the exits workloads of the same result; the block suite has them.

      Examples:
        nearmetal explain out
        nearmetal explain out block.randread
        nearmetal explain out "block.randread backing=direct" --format json
        nearmetal explain out --costs exits-out
        nearmetal explain out --bill b61                   instructions beside nanoseconds, exit by exit
      """)

  @Argument(help: "A run's directory, or its result.json.")
  var result: String
  @Argument(help: "A workload's id, with or without parameters; every workload unless given.")
  var workload: String?
  @Option(help: "Another result of the same host, for exits workloads that RESULT lacks.")
  var costs: String?
  @Option(help: "A bill: shows its instructions beside the times of RESULT, exit by exit, with the line through them.")
  var bill: String?
  @Option(help: "text or json.")
  var format = OutputFormat.text

  func run() throws {
    let run = try read(result)
    if let bill { return try explain(run, by: bill) }
    let other = try costs.map(read)
    if let other, other.host.fingerprint != run.host.fingerprint {
      let prints = "\(other.host.fingerprint), and \(result) of \(run.host.fingerprint)"
      throw end(Status.usage, "\(costs ?? ""): expected a result of the same host: it is of \(prints)")
    }
    let records: [AttributionRecord]
    do throws(AttributionError) {
      records = try Attribution.explain(run, selecting: workload, costs: other)
    } catch {
      throw end(Status.usage, "\(result): \(error)")
    }
    switch format {
    case .json: try printJSON(records)
    case .text: try printText(AttributionText.render(records))
    }
  }

  private func explain(_ run: RunResult, by path: String) throws {
    let bill: Bill
    do throws(DocumentReadError) { bill = try BillStore.read(path) } catch { throw end(error) }
    guard let times = BillTimes(bill, run) else {
      throw end(
        Status.usage, "\(result): expected times of exits that the bill \(path) has too; the suite exits has them all")
    }
    switch format {
    case .json: try printJSON(times)
    case .text: try printText(times.text)
    }
  }

  private func read(_ path: String) throws -> RunResult {
    do throws(DocumentReadError) { return try ResultStore.read(path) } catch {
      throw end(error)
    }
  }
}
