import ArgumentParser
import Fleet
import LinuxSystem
import Results

/// `nearmetal fleet status`.
struct FleetStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "How far the hosts of a fleet are.",
    discussion: """
      Asks Slurm once. Exit status: 0 every host has its result; 3 some ended without one; 7 some are still to come; 64 no jobs were handed in
      with the folder; 69 Slurm is not here.

      Example: nearmetal fleet status /shared/f
      """)

  @Argument(help: "The folder that was given to nearmetal fleet submit.")
  var folder: String
  @Option(help: "text or json.")
  var format = OutputFormat.text

  private struct Line: Encodable {
    let host: String
    let job: String
    let state: String
    let hasResult: Bool
  }

  /// States in which a job will still do something.
  private static let underWay = [
    "PENDING", "RUNNING", "REQUEUED", "REQUEUE_HOLD", "SUSPENDED", "CONFIGURING", "COMPLETING", "STOPPED",
  ]

  func run() throws {
    let jobs = try Self.jobs(folder)
    let states: [String: String]
    do throws(Slurm.Refusal) { states = try Slurm().states(jobs.jobs.map(\.id)) } catch {
      throw end(Status.unavailable, error.description)
    }
    let lines = jobs.jobs.map { job in
      Line(host: job.host, job: job.id, state: states[job.id] ?? "gone", hasResult: jobs.work.isDone(on: job.host))
    }
    switch format {
    case .json: try printJSON(lines)
    case .text:
      for line in lines {
        printLine("\(line.host): \(line.hasResult ? "has its result" : "no result yet"), job \(line.job) \(line.state)")
      }
    }
    let open = lines.filter { !$0.hasResult }
    let waiting = open.filter { line in Self.underWay.contains { line.state.hasPrefix($0) } }
    if waiting.count < open.count {
      throw end(
        Status.incompleteWorkload, "\(open.count - waiting.count) of \(lines.count) hosts ended without a result")
    }
    if !waiting.isEmpty { throw end(Status.inconclusive, "\(waiting.count) of \(lines.count) hosts are still to come") }
  }

  /// The jobs of a folder.
  static func jobs(_ folder: String) throws -> FleetJobs {
    do throws(FleetProblem) { return try FleetJobs.read("\(folder)/\(FleetJobs.fileName)") } catch {
      throw end(Status.usage, "\(error.path): \(error.reason)")
    }
  }
}
