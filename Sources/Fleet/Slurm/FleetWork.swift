import LinuxSystem
import Results

/// What a fleet's hosts are to do, and where each leaves what it found.
public struct FleetWork: Sendable, Codable, Equatable {
  public enum Task: Sendable, Codable, Equatable {
    case run(suite: String)
    /// The words besides are those of nearmetal qualify: vendor and model are the same for a whole fleet.
    case qualify(profile: String, vendor: String, model: String)
  }

  public var task: Task
  /// The program on every host; a path there.
  public var program: String
  /// The shared folder; each host has one of its name in it.
  public var folder: String
  /// Runs on each host, one after the other; at least 1.
  public var repetitions: Int
  /// The same on every host, so that what they compute can be held against each other.
  public var seed: Seed
  /// Where hosts make their disk images; nil for where the program does unless it is told.
  public var diskFolder: String?

  public init(
    _ task: Task, program: String, folder: String, repetitions: Int, seed: UInt64, diskFolder: String? = nil
  ) {
    (self.task, self.program, self.folder, self.repetitions) = (task, program, folder, repetitions)
    (self.seed, self.diskFolder) = (Seed(seed), diskFolder)
  }

  /// Where a host leaves its results.
  public func folder(of host: String) -> String { "\(folder)/\(host)" }

  /// The key that the bundles of all hosts are signed with, made when the jobs are handed in; its public half is beside it.
  public var key: String { "\(folder)/fleet.key" }

  /// Whether a host left all that it was to find.
  public func isDone(on host: String) -> Bool {
    switch task {
    case .qualify: AtomicFile.exists("\(folder(of: host)).tar.zst")
    case .run:
      outputs(of: host).allSatisfy {
        // A run that was ended before its plan was leaves both.
        AtomicFile.exists("\($0)/\(ResultStore.fileName)") && !AtomicFile.exists("\($0)/\(RunJournal.fileName)")
      }
    }
  }

  /// Where its runs go.
  private func outputs(of host: String) -> [String] {
    let folder = folder(of: host)
    return repetitions > 1 ? (1...repetitions).map { "\(folder)/\($0)" } : [folder]
  }

  /// What nearmetal qualify leaves when it is complete.
  static let qualification = "qualification.json"

  /// The script of one host's job. It says the same command whenever it is started: what was begun goes on.
  public func script(for host: String, options: SlurmOptions) -> String {
    let folder = folder(of: host)
    var lines = ["#!/bin/sh"] + options.directives(host: host, log: "\(folder)-slurm-%j.log").map { "#SBATCH \($0)" }
    lines += [
      "# A node that dies has the job again when it is back: what was measured until then is kept, and goes on.",
      "set -eu",
      "# Another run on this host is waited for, a day at most.", "export NEARMETAL_LOCK_WAIT=86400",
      "mkdir -p \(Self.quoted(folder))",
    ]
    switch task {
    case .qualify(let profile, let vendor, let model):
      let words = ["qualify", "--profile", profile, "--vendor", vendor, "--model", model, "--output", folder]
      let bundle = "\(folder).tar.zst"
      // A node may have died between the end of the qualification and its bundle.
      lines.append("if [ ! -e \(Self.quoted("\(folder)/\(Self.qualification)")) ]; then")
      lines += measuring(words + common).map { "  \($0)" }
      lines += [
        "fi",
        "[ -e \(Self.quoted(bundle)) ] || "
          + command(["bundle", "create", folder, "--key", key, "--output", bundle]),
      ]
    case .run(let suite):
      for output in outputs(of: host) {
        lines.append("if [ -e \(Self.quoted("\(output)/\(RunJournal.fileName)")) ]; then")
        lines += measuring(["run", "--resume", output]).map { "  \($0)" }
        lines.append("elif [ ! -e \(Self.quoted("\(output)/\(ResultStore.fileName)")) ]; then")
        lines += measuring(["run", suite, "--output", output] + common).map { "  \($0)" }
        lines.append("fi")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A command whose verdict is no failure of the job: everything that was found is in the folder.
  private func measuring(_ words: [String]) -> [String] {
    ["status=0", "\(command(words)) || status=$?", "case $status in 0 | 2 | 7) ;; *) exit \"$status\" ;; esac"]
  }

  /// Options of every command that measures.
  private var common: [String] {
    ["--seed", "\(seed)"] + (diskFolder.map { ["--disk-directory", $0] } ?? [])
  }

  private func command(_ words: [String]) -> String { ([program] + words).map(Self.quoted).joined(separator: " ") }

  /// As a shell takes it for one word.
  static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7a || "0123456789-_./=%+,:".utf8.contains($0) }
    return isPlain ? word : "'" + word.replacing(scalar: "'", with: "'\\''") + "'"
  }
}

/// What a site's Slurm has to be told.
public struct SlurmOptions: Sendable, Equatable {
  public var partition: String?
  public var constraint: String?
  /// As sbatch has it: `2:00:00`.
  public var time: String?
  /// Whatever else sbatch takes.
  public var others: [String]

  public init(partition: String? = nil, constraint: String? = nil, time: String? = nil, others: [String] = []) {
    (self.partition, self.constraint, self.time, self.others) = (partition, constraint, time, others)
  }

  func directives(host: String, log: String) -> [String] {
    [
      "--job-name=nearmetal", "--nodes=1", "--nodelist=\(host)", "--exclusive", "--requeue", "--open-mode=append",
      "--output=\"\(log)\"",
    ]
      + [("partition", partition), ("constraint", constraint), ("time", time)].compactMap { name, value in
        value.map { "--\(name)=\($0)" }
      } + others
  }
}

/// The jobs of a fleet, as `fleet.json` in its folder keeps them.
public struct FleetJobs: Sendable, Codable, Equatable {
  public static let fileName = "fleet.json"
  public static let currentSchema = "nearmetal.fleet/1"

  public struct Job: Sendable, Codable, Equatable {
    public var host: String
    public var id: String

    public init(host: String, id: String) { (self.host, self.id) = (host, id) }
  }

  public var schema: String
  public var submittedAt: String
  public var work: FleetWork
  public var jobs: [Job]

  public init(submittedAt: String, work: FleetWork, jobs: [Job]) {
    schema = Self.currentSchema
    (self.submittedAt, self.work, self.jobs) = (submittedAt, work, jobs)
  }

  /// Reads a file of jobs.
  public static func read(_ path: String) throws(FleetProblem) -> FleetJobs {
    do throws(DocumentReadError) {
      let (path, bytes) = try SchemaDocument.read(path, fileName: fileName)
      return try SchemaDocument.decode(bytes, path: path, schema: currentSchema) {
        () throws(JSONProblem) in try JSONText.decode(from: bytes)
      }
    } catch { throw .init(path, "\(error)") }
  }
}
