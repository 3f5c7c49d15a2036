import Foundation
import Glibc

/// The program, ended or refused by the kernel at one of its writes: strace's fault injection at the N-th of the calls by which a
/// program changes files, for every N.
enum KilledWriter {
  /// What happens at the call.
  enum Fault: String, CaseIterable {
    /// SIGKILL before it has any effect.
    case killed = "signal=KILL"
    /// It has none, and the device is said to be broken.
    case refused = "error=EIO"
  }

  /// Calls that change a file or a folder.
  static let changes = [
    "write", "pwrite64", "writev", "pwritev", "pwritev2", "fsync", "fdatasync", "rename", "renameat", "renameat2",
    "linkat",
    "unlink", "unlinkat", "mkdir", "ftruncate", "truncate", "fallocate", "copy_file_range",
  ]

  /// Whether programs can be traced here: in some containers they cannot.
  static let isPossible: Bool = {
    guard Tool.has("strace"), let folder = try? Folder() else { return false }
    let outcome = try? Tool.run(["-f", "-qq", "-o", folder.path("trace"), "true"], with: strace, in: folder)
    return outcome?.status == 0
  }()

  private static let strace = "/usr/bin/strace"

  /// Runs a command again and again, with the fault at each of its calls in turn: at the N-th of a kind, until it ends before there
  /// is one.
  /// - Parameters:
  ///   - calls: kinds that count.
  ///   - limit: of a kind, looked at in all.
  ///   - prepare: puts everything as it was; gives the command.
  ///   - check: looks at what is there after the fault came.
  /// - Returns: how many times it came.
  static func everyPoint(
    _ fault: Fault, calls: [String] = changes, limit: Int = 12, in folder: Folder, prepare: () throws -> [String],
    check: (_ point: String, _ outcome: Tool.Outcome) throws -> Void
  ) throws -> Int {
    let trace = folder.path("trace")
    var points = 0
    for call in calls {
      for number in 1...limit {
        let command = try prepare()
        let outcome = try Tool.run(
          [
            "-f", "-q", "-o", trace, "-e", "trace=\(call)", "-e",
            "inject=\(call):\(fault.rawValue):when=\(number)", Tool.path,
          ] + command, with: strace, in: folder)
        let text = try folder.text("trace")
        guard text.contains(fault == .killed ? "+++ killed by SIGKILL" : "(INJECTED)") else { break }
        points += 1
        try check("\(call) \(number)", outcome)
      }
    }
    return points
  }
}
