import ArgumentParser
import Bills
import LinuxSystem
import Reports
import Results

/// `nearmetal bill`.
struct BillCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bill",
    abstract: "What virtualization costs, in instructions: exact, on any machine, without root and /dev/kvm.",
    discussion: """
      Debian's kernel with its own KVM runs in an emulator whose time goes by instructions, and this program in it. What a suite \
      times there is counted in instructions of guest, KVM and monitor together. Everything runs twice: what is not the same \
      both times says so.

      Examples:
        nearmetal bill --output b61
        nearmetal bill --kernel 6.12 --output b612        Debian's newest cloud kernel of that series
        nearmetal bill --append mitigations=auto --suite exits --output on
        nearmetal bill --kernel ~/linux --output mine        a build tree; modules are taken from it
        nearmetal bill show b61 --functions --line exits.pio.user
        nearmetal bill diff b61 b612

      Exit status: 0 the bill is there; 3 a pass did not come to its end; 64 wrong usage; 69 something that it needs is absent.
      """,
    subcommands: [BillMakeCommand.self, BillShowCommand.self, BillDiffCommand.self, BillMatrixCommand.self],
    defaultSubcommand: BillMakeCommand.self)
}

/// `nearmetal bill make`, which is what `nearmetal bill` does unless it is told otherwise.
struct BillMakeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "make", abstract: "Makes a bill.")

  @OptionGroup var options: BillOptions
  @Option(help: "Directory for bill.json and its tables; made if it is not there.")
  var output: String
  @Flag(help: "Show the functions of each line that took most, too.")
  var functions = false
  @Flag(help: "Replace another bill in the output directory.")
  var replace = false
  @Option(help: "What standard output shows: text or json.")
  var format = OutputFormat.text

  func run() throws {
    let interruption = Interruption()
    watch(interruption) { "stopping the emulated hosts" }
    let path = "\(output)/\(BillStore.fileName)"
    guard replace || !AtomicFile.exists(path) else {
      throw end(Status.usage, "\(path) is there: choose another directory, move that one away, or use --replace")
    }
    let bill = try options.make(keeping: output, interruption)
    do throws(ReportError) { try BillReport.writeAll(bill, to: output) } catch { throw end(error) }
    switch format {
    case .text: try printText(BillText.render(bill) + (functions ? BillText.functions(bill, most: 10) : ""))
    case .json: try printJSON(bill)
    }
    say("the bill is \(path)")
    if let incomplete = bill.run.incomplete {
      throw end(Status.incompleteWorkload, "one pass alone is kept: \(incomplete)")
    }
    if let failed = bill.lines.first(where: { $0.status == .failed }) {
      throw end(Status.incompleteWorkload, "\(failed.name) failed: \(failed.reason ?? "")")
    }
  }
}
