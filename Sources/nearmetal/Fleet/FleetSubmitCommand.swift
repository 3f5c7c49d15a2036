import ArgumentParser
import Bundles
import Fleet
import LinuxSystem
import Results
import Runner

/// `nearmetal fleet submit`.
struct FleetSubmitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submit", abstract: "Hands a suite or a qualification to Slurm, an exclusive job for each host.",
    discussion: """
      Each host leaves its results in a folder of its name in the output, which all of them share. A job that its node's death ended is \
      Slurm's to start again; what was measured goes on then. Two jobs never measure on one host at a time: whatever Slurm \
      is told, the host's own lock has the second one wait or say so. Hosts that have no job yet get one when the same command is given again.

      Exit status: 0 all are handed in; 64 wrong usage, or no node is meant; 69 Slurm is not here, or refused.

      Examples:
        nearmetal fleet submit --suite quick --nodes 'rack[1-40]' --output /shared/f
        nearmetal fleet submit --profile qualify-smoke --vendor X --model Y --partition new --output /shared/q --print
      """)

  @Option(help: "What every host runs: a suite's name or file.")
  var suite: String?
  @Option(help: "What every host is qualified by: a profile's name or file.")
  var profile: String?
  @Option(help: "With --profile: who makes the hosts.")
  var vendor = ""
  @Option(help: "With --profile: what the hosts are called.")
  var model = ""
  @Option(help: "The nodes, as Slurm lists them: rack[1-40].")
  var nodes: String?
  @Option(help: "Every node of this partition, or the partition that --nodes are used in.")
  var partition: String?
  @Option(help: "Slurm's own --constraint.")
  var constraint: String?
  @Option(help: "Slurm's own --time: 2:00:00.")
  var time: String?
  @Option(parsing: .unconditionalSingleValue, help: "A word for sbatch besides (repeatable): --slurm --account=lab.")
  var slurm: [String] = []
  @Option(name: .customLong("repeat"), help: "Runs of the suite on each host.")
  var repetitions = 1
  @Option(help: "The program on the hosts.")
  var program = "nearmetal"
  @Option(help: "Where hosts make disk images; a file system with O_DIRECT. What nearmetal run does, unless given.")
  var diskDirectory: String?
  @Option(
    help:
      "Seed of every host's work, so that what they compute can be held against each other; drawn if it is not given.")
  var seed: UInt64?
  @Option(help: "The folder that all hosts share; made if it is not there.")
  var output: String
  @Flag(help: "Show the jobs' scripts, and hand in nothing.")
  var print = false

  func validate() throws {
    guard (suite == nil) != (profile == nil) else { throw ValidationError("expected either --suite or --profile") }
    guard nodes != nil || partition != nil else { throw ValidationError("expected --nodes or --partition") }
    guard (1...1000).contains(repetitions) else {
      throw ValidationError("--repeat: expected a number from 1 to 1000, found \(repetitions)")
    }
    if profile != nil, vendor.isEmpty || model.isEmpty {
      throw ValidationError("--profile: expected --vendor and --model with it")
    }
    if profile != nil, repetitions > 1 { throw ValidationError("--repeat: expected --suite with it") }
    guard output.hasPrefix("/") else {
      throw ValidationError("--output: expected an absolute path, the same on every host, found \(output)")
    }
    // Slurm has words of its own for some of these in a log's name.
    guard !output.contains(where: { "%\"\\\n".contains($0) }) else {
      throw ValidationError("--output: expected a path without %, \", \\ and line ends, found \(output.oneLine)")
    }
  }

  func run() throws {
    let task: FleetWork.Task =
      if let profile { .qualify(profile: profile, vendor: vendor, model: model) } else { .run(suite: suite ?? "") }
    var work = FleetWork(
      task, program: program, folder: output, repetitions: repetitions,
      seed: seed ?? UInt64.random(in: 1...UInt64(Int64.max)), diskFolder: diskDirectory)
    let options = SlurmOptions(partition: partition, constraint: constraint, time: time, others: slurm)
    let controller = Slurm()
    var hosts = try hosts(controller)
    if print {
      for host in hosts { try printText(work.script(for: host, options: options)) }
      return
    }
    let kept = "\(output)/\(FleetJobs.fileName)"
    var jobs = FleetJobs(submittedAt: WallClock.now.text, work: work, jobs: [])
    if AtomicFile.exists(kept) {
      // What sbatch refused in the middle of a rack is handed in by the same command.
      jobs = try FleetStatusCommand.jobs(output)
      if seed == nil { work.seed = jobs.work.seed }
      hosts.removeAll { host in jobs.jobs.contains { $0.host == host } }
      guard jobs.work == work, !hosts.isEmpty else {
        throw end(
          Status.usage,
          "\(kept): jobs were handed in with this folder before; choose another one, or see nearmetal fleet status")
      }
    }
    do {
      try AtomicFile.makeDirectory(output)
      if profile != nil, !AtomicFile.exists(work.key) {
        let made = try SigningKey.create(work.key)
        say(
          "made the key \(work.key), which signs every bundle; hand out \(work.key).pub (\(made.verifying.fingerprint))"
        )
      }
      for host in hosts {
        let script = "\(output)/\(host).sh"
        try AtomicFile.makeDirectory(work.folder(of: host))
        try AtomicFile.write([UInt8](work.script(for: host, options: options).utf8), to: script)
        jobs.jobs.append(FleetJobs.Job(host: host, id: try controller.submit(script)))
        // What was handed in is known whatever happens to the next.
        try AtomicFile.write(try JSONText.encode(jobs), to: kept)
      }
    } catch let error as Slurm.Refusal {
      let left = hosts.count { host in !jobs.jobs.contains { $0.host == host } }
      throw end(
        Status.unavailable,
        "\(error); \(jobs.jobs.count) jobs are handed in, and \(left) are not: the same command goes on with them")
    } catch { throw end(error) }
    printLine("\(jobs.jobs.count) jobs are handed in; nearmetal fleet status \(output) says how far they are")
  }

  /// The nodes that are meant, all of which Slurm knows.
  private func hosts(_ controller: Slurm) throws -> [String] {
    let (hosts, known): ([String], Set<String>)
    do throws(Slurm.Refusal) {
      hosts = try controller.nodes(list: nodes, partition: partition)
      known = Set(nodes == nil ? hosts : try controller.nodes(list: nil, partition: partition))
    } catch { throw end(error.isUsage ? Status.usage : Status.unavailable, error.description) }
    let place = partition.map { " in the partition \($0)" } ?? ""
    guard !known.isEmpty else { throw end(Status.usage, "Slurm has no node\(place)") }
    let strangers = hosts.filter { !known.contains($0) }
    if let first = strangers.first {
      let more = strangers.count > 1 ? " and \(strangers.count - 1) more of the \(hosts.count) that are meant" : ""
      throw end(Status.usage, "Slurm has no node \(first)\(more)\(place): sinfo --Node lists those that it has")
    }
    guard !hosts.isEmpty else { throw end(Status.usage, "no node is meant by \(nodes ?? "")") }
    return hosts
  }
}
