import ArgumentParser
import LinuxSystem
import Reports
import Results
import Runner

/// `nearmetal counters`.
struct CountersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "counters", abstract: "Says what the counters of this host are worth.",
    discussion: "Example: nearmetal counters audit", subcommands: [Audit.self])

  struct Audit: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "audit", abstract: "Holds each counter against work of known size.",
      discussion: """
        Example: nearmetal counters audit --format json

        Exit status 0 when every counter says what is known, or fails for a known reason and is marked untrusted; 2 when one
        disagrees and nothing says why.
        """)

    @Option(help: "A probe image instead of the one that comes with the program.")
    var probe: String?
    @Option(help: "text or json.")
    var format = OutputFormat.text

    func run() throws {
      let lock = try takeLock()
      let (record, problem): (AuditRecord, String?)
      do throws(RunError) { (record, problem) = try AuditSession.run(probe: probe, Interruption()) } catch {
        if case .probe = error { throw end(error) }
        throw end(Status.unavailable, error.description)
      }
      _ = consume lock
      if let problem { say("without a guest: \(problem)") }
      switch format {
      case .json: try printJSON(record)
      case .text: try printText(AuditTable.render(record))
      }
      if record.checks.contains(where: { $0.verdict == .disagrees }) {
        throw end(Status.failedVerdict, "a counter disagrees with what is known; see the table")
      }
    }
  }
}
