import ArgumentParser
import LinuxSystem
import Reports
import Results

/// `nearmetal compare`.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Shows any number of runs, of one host or of several, side by side.",
    discussion: """
      Where the runs differ in the host, the suite, the placement or the kind of build, their figures prove nothing about
      each other; it says so and shows the fields. It judges nothing: that is what a gate is for.

      Exit status: 0 the runs are shown; 5 they have no figure in common; 64 a result cannot be read.

      Examples:
        nearmetal compare out out2
        nearmetal compare hostA hostB hostC --output compare.html
        nearmetal compare out out2 --metrics all --format json
      """)

  enum Metrics: String, ExpressibleByArgument, CaseIterable {
    case headline, all
  }

  @Argument(help: "Directories of runs, or their result.json; the first is what the others are held against.")
  var results: [String]
  @Option(help: "Writes a page to this file besides.")
  var output: String?
  @Option(help: "What the text shows: headline, the metric that stands for each workload, or all.")
  var metrics = Metrics.headline
  @OptionGroup var display: Display

  mutating func validate() throws {
    guard results.count >= 2 else {
      throw ValidationError("expected at least two results, found \(results.count)")
    }
  }

  func run() throws {
    let comparison = RunComparison(
      try results.map { path in
        do throws(DocumentReadError) { return (path, try ResultStore.read(path)) } catch {
          throw end(error)
        }
      })
    if let output {
      do {
        try AtomicFile.write(try ComparisonPage.render(comparison), to: output)
      } catch { throw end(error) }
    }
    switch display.format {
    case .text:
      var options = display.options()
      if metrics == .all { options.showsAll = true }
      try printScreen(ComparisonText.render(comparison, options))
    case .json: try printJSON(comparison)
    case .csv, .markdown: try display.print(ComparisonText.table(comparison))
    }
    if !comparison.isShared {
      throw end(
        Status.notComparable, "\(results.joined(separator: ", ")): expected at least one figure in common, found none")
    }
  }
}
