import ArgumentParser
import Bills
import Foundation
import LinuxSystem
import Reports
import Results

/// `nearmetal bisect`.
struct BisectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bisect", abstract: "A step of git bisect run: builds, makes a bill, and holds it against a good one.",
    discussion: """
      Examples:
        git bisect start BAD GOOD
        git bisect run nearmetal bisect --base-bill good --line exits.trap --threshold 1% \\
          --kernel . --build 'make -j$(nproc) bzImage modules'
        git bisect run nearmetal bisect --base-bill good --program .build/release/nearmetal \\
          --build 'swift build -c release --product nearmetal'

      Exit status, as git bisect run wants it: 0 the revision is good; 1 it is bad: a line costs more than the threshold, in every \
      pass; 125 it cannot be told: the build failed, no bill could be made, or its passes differ too much. Wrong usage ends the \
      bisection with 128 or more.
      """)

  @Option(help: "The bill of a good revision: its directory.")
  var baseBill: String
  @Option(help: "A bill that --build leaves in this directory, judged instead of making one.")
  var headBill: String?
  @Option(help: "A shell's command that builds the revision.")
  var build: String?
  @Option(help: "Only lines whose name begins so (repeatable), such as exits.trap; all if it is not given.")
  var line: [String] = []
  @Option(help: "What a line may cost more: a share such as 0.2%, or instructions.")
  var threshold = "0.2%"
  @OptionGroup var options: BillOptions

  /// What ends a bisection, and what skips a revision.
  private enum Step {
    static let bad = ExitCode(1)
    static let skip = ExitCode(125)
    static let abort = ExitCode(128)
  }

  func validate() throws { _ = try BillComparisonOptions.threshold(threshold) }

  func run() throws {
    let base: Bill
    do throws(DocumentReadError) { base = try BillStore.read(baseBill) } catch {
      throw end(Step.abort, error.description)
    }
    let interruption = Interruption()
    watch(interruption) { "stopping the bisection" }
    if let build {
      let status = try self.status(of: build)
      guard status == 0 else { throw end(Step.skip, "skipped: the build ended with status \(status)") }
    }
    let head = try headBill.map(read) ?? made(interruption)
    let comparison: BillComparison
    do throws(BillsDiffer) {
      comparison = try BillComparison(
        base: chosen(base), head: chosen(head), threshold: BillThreshold(threshold) ?? .share(0))
    } catch { throw end(Step.abort, error.description) }
    guard !comparison.changes.isEmpty else { throw end(Step.abort, "no line of \(baseBill) is one of --line") }
    try printText(BillText.render(comparison))
    let first = comparison.changes.first
    switch comparison.outcome {
    case .regression: throw end(Step.bad, "bad: \(BillText.line(first, of: comparison))")
    case .inconclusive:
      let undecided = comparison.changes.first { $0.outcome == .inconclusive }
      throw end(Step.skip, "skipped: \(BillText.line(undecided, of: comparison))")
    case .improvement, .unchanged: say("good: \(BillText.headline(comparison))")
    }
  }

  private func read(_ path: String) throws -> Bill {
    do throws(DocumentReadError) { return try BillStore.read(path) } catch { throw end(Step.skip, "skipped: \(error)") }
  }

  private func made(_ interruption: Interruption) throws -> Bill {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "nearmetal-bisect-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    do { return try options.make(keeping: scratch, interruption) } catch let status as ExitCode {
      // The reason has been said. Whoever stopped it does not want the next revision tried.
      throw status == Status.interrupted || status == Status.usage ? Step.abort : Step.skip
    }
  }

  private func chosen(_ bill: Bill) -> Bill {
    guard !line.isEmpty else { return bill }
    var bill = bill
    bill.lines = bill.lines.filter { one in line.contains { one.name.hasPrefix($0) } }
    return bill
  }

  /// Runs a shell's command with this program's streams.
  private func status(of command: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    // Standard output is the verdict's.
    process.standardOutput = FileHandle.standardError
    do { try process.run() } catch { throw end(Step.abort, "cannot start /bin/sh: \(error)") }
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : 128
  }
}
