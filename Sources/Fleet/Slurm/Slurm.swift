import LinuxSystem
import Results

/// Slurm's own commands, each asked once: nothing here polls.
public struct Slurm: Sendable {
  /// Why it did not do what it was asked.
  public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    public let description: String
    /// Whether it is what was asked that is wrong, and not Slurm that is absent or in trouble.
    public let isUsage: Bool
  }

  private static let patience: UInt64 = 60_000_000_000

  public init() {}

  /// Names of the nodes of a list such as `rack[1-40]`, or of a partition.
  public func nodes(list: String?, partition: String?) throws(Refusal) -> [String] {
    let text =
      if let list {
        try ask("scontrol", ["show", "hostnames", list], isUsage: true)
      } else {
        try ask("sinfo", ["--noheader", "--Node", "--format=%N"] + (partition.map { ["--partition=\($0)"] } ?? []))
      }
    var names: [String] = []
    for name in text.split(whereSeparator: \.isWhitespace).map(String.init) where !names.contains(name) {
      // It becomes a folder's name.
      guard !name.contains("/"), !name.hasPrefix(".") else {
        throw Refusal(description: "expected names of nodes, found \(name.oneLine)", isUsage: true)
      }
      names.append(name)
    }
    return names
  }

  /// Hands in a script, a file; returns the job's number.
  public func submit(_ script: String) throws(Refusal) -> String {
    let answer = try ask("sbatch", ["--parsable", script])
    guard let id = answer.split(whereSeparator: { $0 == ";" || $0.isWhitespace }).first, id.allSatisfy(\.isNumber)
    else {
      throw Refusal(description: "sbatch: expected a job's number, found \"\(answer.oneLine)\"", isUsage: false)
    }
    return String(id)
  }

  /// What the controller says of jobs: `RUNNING`, `PENDING (Resources)`. One that it no longer knows is not in it.
  public func states(_ jobs: [String]) throws(Refusal) -> [String: String] {
    guard !jobs.isEmpty else { return [:] }
    // All of this user's: a job that is gone would have the whole question refused.
    let text = try ask("squeue", ["--me", "--noheader", "--states=all", "--format=%i %T %r"])
    var states: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 2).map(String.init)
      guard words.count >= 2, jobs.contains(words[0]) else { continue }
      states[words[0]] = words.count > 2 && words[2] != "None" ? "\(words[1]) (\(words[2]))" : words[1]
    }
    return states
  }

  /// - Parameter isUsage: whether a refusal is the words' fault.
  private func ask(_ name: String, _ words: [String], isUsage: Bool = false) throws(Refusal) -> String {
    let child: ChildProcess
    do throws(SystemError) { child = try ChildProcess("/usr/bin/env", [name] + words) } catch {
      throw Refusal(description: "\(name): \(error)", isUsage: false)
    }
    var output: [UInt8] = []
    let ended = unsafe child.drain(until: MonotonicClock.now + Self.patience) { unsafe output.append(contentsOf: $0) }
    guard ended else { throw Refusal(description: "\(name) gave no answer within a minute", isUsage: false) }
    switch child.exitStatus {
    case 0: return String(decoding: output, as: UTF8.self)
    case 127:
      throw Refusal(
        description: "\(name) is not here: install slurm-client, or run this where Slurm's commands are", isUsage: false
      )
    default: throw Refusal(description: "\(name): \(child.epitaph())", isUsage: isUsage)
    }
  }
}
