import ArgumentParser
import Fleet
import LinuxSystem
import Reports
import Results
import Runner

/// `nearmetal fleet report`.
struct FleetReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "One page about the results of many hosts: which of them is not like its kin.",
    discussion: """
      A folder of results has a folder or a bundle for each host, whatever put it there; bundles are verified on the way, and one that is \
      signed by another key than most is left out. Hosts that should \
      be alike are held against each other twice: by what bare metal does on them, and by their guests' figures over it. What the same \
      work computed is held against each other over all hosts: one that computes otherwise is named first.

      Exit status: 0 every result is in the report; 2 a host computes otherwise than the others, or found wrong data; 3 some results were left \
      out or are missing, and are named; 64 there was none; 74 a file cannot be written.

      Examples:
        nearmetal fleet report /shared/f --output fleet.html --csv fleet.csv
        nearmetal fleet report rack1 rack2 --group fingerprint
      """)

  @Argument(help: "Folders of results.")
  var folders: [String]
  @Option(help: "The page; without it there is only what standard output shows.")
  var output: String?
  @Option(help: "A table of every figure of every host, for spreadsheets.")
  var csv: String?
  @Option(help: "What makes hosts alike: model, which is processor, CPUs and KVM's backend, or fingerprint.")
  var group = FleetGroup.Key.model
  @Option(help: "The chance of naming any host that is like the others, above 0 and below 0.5.")
  var alpha = 0.01
  @Option(help: "Hosts that were to be measured, between commas; those of fleet submit are known.")
  var hosts: String?
  @OptionGroup var signer: FleetSigner

  func validate() throws {
    guard alpha > 0, alpha < 0.5 else {
      throw ValidationError("--alpha: expected a number above 0 and below 0.5, found \(alpha)")
    }
  }

  func run() throws {
    let reader = try FleetReader.read(folders, signer) { end(Status.usage, $0) }
    let report = FleetReport(reader, by: group, expected: expected(reader), alpha: alpha)
    do throws(ReportError) { if let output { try write(try report.html(), to: output) } } catch { throw end(error) }
    do throws(ReportError) { if let csv { try write(report.table.csv, to: csv) } } catch { throw end(error) }
    try printText(report.text)
    if report.hasWrongAnswers { throw Status.failedVerdict }
    if !report.isComplete { throw Status.incompleteWorkload }
  }

  private func write(_ text: String, to path: String) throws(ReportError) {
    do throws(FileError) { try AtomicFile.write([UInt8](text.utf8), to: path) } catch { throw .file(error) }
  }

  /// Those that were named, else those of jobs that were handed in.
  private func expected(_ reader: FleetReader) -> [String]? {
    if let hosts { return hosts.split(separator: ",").map(String.init) }
    return reader.jobs.isEmpty ? nil : reader.jobs.flatMap { $0.jobs.map(\.host) }
  }
}

extension FleetGroup.Key: ExpressibleByArgument {}
