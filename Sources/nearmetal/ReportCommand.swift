import ArgumentParser
import Reports
import Results

/// `nearmetal report`.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Makes every derived file of a run anew from its result.json.",
    discussion: "Example: nearmetal report out --check")

  @Argument(help: "The run's directory.")
  var directory: String
  @Flag(help: "Write nothing; say which files differ from what would be written.")
  var check = false

  func run() throws {
    do {
      if check {
        let different = try ReportWriter.check(directory)
        guard different.isEmpty else {
          throw end(Status.failedVerdict, "differ from \(directory)/result.json: \(different.joined(separator: ", "))")
        }
        print("identical")
      } else {
        let result = try ResultStore.read(directory)
        try ReportWriter.writeAll(result, to: directory)
        print(TerminalReport.render(result), terminator: "")
      }
    } catch let code as ExitCode {
      throw code
    } catch {
      throw end(Status.usage, "\(error)")
    }
  }
}
