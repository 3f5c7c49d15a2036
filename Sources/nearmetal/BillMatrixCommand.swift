import ArgumentParser
import Bills
import EmulatedHost
import LinuxSystem
import Reports
import Results

/// `nearmetal bill matrix`.
struct BillMatrixCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "matrix", abstract: "Bills of several kernels and of several words for them, in one table.",
    discussion: """
      Examples:
        nearmetal bill matrix --kernels 6.1,6.12 --vary mitigations=off,auto --monitors nearmetal,qemu --output matrix

      Every bill has a directory of its own in the output; one that is there from before is taken as it is.
      Exit status: 0 all bills are there; 3 some are not, and the table has the others; 64 wrong usage; 69 something is absent.
      """)

  @Option(help: "Kernels between commas, each as --kernel has it; 6.12 is Debian's newest cloud kernel of that series.")
  var kernels: String?
  @Option(help: "A word for the kernel's command line with several values (repeatable): mitigations=off,auto.")
  var vary: [String] = []
  @Option(help: "Directory for the bills, matrix.md and matrix.csv; made if it is not there.")
  var output: String
  @OptionGroup var options: BillOptions

  func validate() throws {
    if kernels != nil, options.kernel != nil { throw ValidationError("--kernels: expected no --kernel with it") }
    for word in vary where !word.contains("=") {
      throw ValidationError("--vary: expected a word such as mitigations=off,auto, found \(word)")
    }
  }

  func run() throws {
    let interruption = Interruption()
    watch(interruption) { "stopping; the bills so far are kept" }
    var columns: [BillMatrix.Column] = []
    var status: ExitCode?
    for cell in cells {
      do { columns.append(BillMatrix.Column(name: cell.name, bill: try bill(of: cell, interruption))) } catch let code
        as ExitCode
      {
        // Its reason has been said; the others may do.
        if code == Status.interrupted || code == Status.unavailable || code == Status.usage { throw code }
        status = Status.incompleteWorkload
      }
    }
    guard !columns.isEmpty else { throw status ?? Status.incompleteWorkload }
    let matrix = BillMatrix(columns)
    do throws(ReportError) { try matrix.write(to: output) } catch { throw end(error) }
    try printText(matrix.text)
    if let status { throw status }
  }

  /// One bill of the matrix.
  private struct Cell {
    let name: String
    let kernel: String?
    let append: [String]
  }

  private var cells: [Cell] {
    let kernels: [String?] = kernels?.split(separator: ",").map { String($0) } ?? [nil]
    var words: [[String]] = [[]]
    for word in vary {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      let values = (parts.count > 1 ? parts[1] : "").split(separator: ",")
      words = words.flatMap { before in values.map { before + ["\(parts[0])=\($0)"] } }
    }
    return kernels.flatMap { kernel in
      words.map { words in
        let name = ([kernel ?? "default"] + words).joined(separator: " ")
        return Cell(name: name, kernel: kernel, append: words)
      }
    }
  }

  private func bill(of cell: Cell, _ interruption: Interruption) throws -> Bill {
    let folder = "\(output)/" + String(cell.name.map { $0.isLetter || $0.isNumber || ".-=+".contains($0) ? $0 : "_" })
    if AtomicFile.exists("\(folder)/\(BillStore.fileName)") {
      do throws(DocumentReadError) { return try BillStore.read(folder) } catch { throw end(error) }
    }
    say("the bill of \(cell.name)")
    let bill = try options.make(keeping: folder, interruption, kernel: cell.kernel, append: cell.append)
    do throws(ReportError) { try BillReport.writeAll(bill, to: folder) } catch { throw end(error) }
    return bill
  }
}
