import ArgumentParser
import Bills
import LinuxSystem
import Reports
import Results

/// `nearmetal bill show`.
struct BillShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Shows a bill that is there, its tables anew, and its functions.",
    discussion: """
      Examples:
        nearmetal bill show b61
        nearmetal bill show b61 --functions --line exits.pio.user

      Exit status: 0 the bill is shown; 64 it cannot be read.
      """)

  @Argument(help: "Directory of the bill, or its bill.json.")
  var bill: String
  @Flag(help: "The functions of each line that took most.")
  var functions = false
  @Option(help: "How many functions of a line: from 1 to 40.")
  var most = 10
  @Option(help: "Only lines whose name begins so (repeatable); all if it is not given.")
  var line: [String] = []

  func validate() throws {
    guard (1...40).contains(most) else {
      throw ValidationError("--most: expected a number from 1 to 40, found \(most)")
    }
  }

  func run() throws {
    var bill: Bill
    do throws(DocumentReadError) { bill = try BillStore.read(self.bill) } catch { throw end(error) }
    if !line.isEmpty {
      bill.lines = bill.lines.filter { one in line.contains { one.name.hasPrefix($0) } }
      guard !bill.lines.isEmpty else { throw end(Status.usage, "--line: the bill has no line that begins so") }
    }
    try printText(BillText.render(bill) + (functions ? BillText.functions(bill, most: most) : ""))
  }
}
