import LinuxSystem
import Results

/// A host that computes otherwise than its kin, or that found data which was not what it should be: the worst that a fleet can hold, since
/// nothing else about it says so.
public struct WrongAnswer: Sendable, Equatable {
  public let host: String
  /// Where its result was read.
  public let path: String
  /// `cpu.float (seed 7, 8192 operations) is 1f, and 2e on 39 others`.
  public let what: String

  /// How reasons of legs begin that failed for their data (Workloads/Kernels: Meter, BlockFailure, NetFailure; Machines: LegAssembler).
  private static let ofData = [
    "wrong checksum: ", "checksum of batch ", "wrong data at offset ", "wrong data read back at offset ",
    "frames with wrong bytes: ",
  ]

  /// Holds what hosts computed against each other, the same work of the same build alone. The hosts need not be alike: arithmetic is
  /// the same everywhere.
  /// - Returns: one for each host, by name.
  public static func find(_ hosts: [FleetHost]) -> [WrongAnswer] {
    var found: [Int: [String]] = [:]
    for (index, host) in hosts.enumerated() {
      let wrong = host.reasons.filter { reason in ofData.contains { reason.hasPrefix($0) } }
      if !wrong.isEmpty { found[index, default: []] += wrong.sorted() }
    }
    for (work, answers) in answers(hosts).sorted(by: { $0.key < $1.key }) where answers.count > 1 {
      let all = Set(answers.values.joined())
      // What more than half of them say is right.
      let right = answers.first { $0.value.count * 2 > all.count }
      for (checksum, own) in answers where checksum != right?.key {
        let others =
          right.map { "\($0.key) on \($0.value.count) others" } ?? "other hosts have other answers, none of them most"
        for host in own { found[host, default: []].append("\(work.text) is \(checksum), and \(others)") }
      }
    }
    return found.sorted { (hosts[$0.key].name, $0.key) < (hosts[$1.key].name, $1.key) }.map { index, reasons in
      let more = reasons.count > 1 ? " (and \(reasons.count - 1) more)" : ""
      return WrongAnswer(
        host: hosts[index].name, path: hosts[index].path, what: (reasons.min() ?? "").oneLine.printable + more)
    }
  }

  private struct Work: Hashable, Comparable {
    let text: String
    let revision: String

    init(_ answer: AnswerRecord, _ revision: String) {
      let bytes = answer.bytes.map { ", \($0) bytes" } ?? ""
      text = "\(answer.work) (seed \(answer.seed), \(answer.operations) operations\(bytes))"
      self.revision = revision
    }

    static func < (one: Work, other: Work) -> Bool { (one.text, one.revision) < (other.text, other.revision) }
  }

  /// The hosts, as indices, by the checksum that they had.
  private static func answers(_ hosts: [FleetHost]) -> [Work: [String: Set<Int>]] {
    var all: [Work: [String: Set<Int>]] = [:]
    for (index, host) in hosts.enumerated() {
      for answer in host.answers {
        all[Work(answer, host.revision), default: [:]][answer.checksum, default: []].insert(index)
      }
    }
    return all
  }
}
