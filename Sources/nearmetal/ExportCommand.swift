import ArgumentParser
import LinuxSystem
import Reports
import Results

/// `nearmetal export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Gives results to a monitoring system.",
    discussion: """
      As openmetrics, for Prometheus: node_exporter's textfile collector reads the file from its folder. Of several results of one suite on \
      one host the last is taken, since a monitoring system keeps the course itself. Names and units are Prometheus': seconds, bytes, \
      ratios; times of single operations are a histogram.

      Exit status: 0 all was exported; 3 without results that could not be read, which are named; 64 none could; 74 the file cannot be \
      written.

      Examples:
        nearmetal export out
        nearmetal export out --output /var/lib/prometheus/node-exporter/nearmetal.prom
        nearmetal export runs/* --format csv
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case openmetrics, csv, json
  }

  @Argument(help: "Directories of runs, or their result.json.")
  var results: [String]
  @Option(help: "The format: openmetrics, csv or json.")
  var format = Format.openmetrics
  @Option(help: "Writes to this file instead of standard output: at once, so that no reader sees half of it.")
  var output: String?

  func run() throws {
    var (read, problems): ([RunResult], Int) = ([], 0)
    for path in results {
      do throws(DocumentReadError) { read.append(try ResultStore.read(path)) } catch {
        guard results.count > 1 else { throw end(error) }
        say("left out: \(error)")
        problems += 1
      }
    }
    guard !read.isEmpty else { throw end(Status.usage, "none of the \(results.count) results could be read") }
    let (latest, others) = ResultExport.latest(read)
    if others > 0 { say("left out: \(others) earlier results of the same suites on the same hosts") }
    let export = ResultExport(latest)
    switch format {
    case .openmetrics: try write(export.openMetrics)
    case .csv: try write(export.table.csv)
    case .json:
      let bytes: [UInt8]
      do throws(JSONProblem) { bytes = try JSONText.encode(export.samples) } catch { throw end(error) }
      try write(String(decoding: bytes, as: UTF8.self))
    }
    if problems > 0 {
      throw end(
        Status.incompleteWorkload, "\(problems) of \(results.count) results could not be read; the others were exported"
      )
    }
  }

  private func write(_ text: String) throws {
    guard let output else { return try printText(text) }
    do throws(FileError) { try AtomicFile.write([UInt8](text.utf8), to: output) } catch { throw end(error) }
  }
}
