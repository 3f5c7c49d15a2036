import Definitions
import Foundation
import LinuxSystem
import Results
import Runner
import Verdicts

/// Keeps every other run off the host for as long as its owner has it, or ends the program with who is on it: at once, or where
/// `NEARMETAL_LOCK_WAIT` has a number of seconds, after so many.
/// - Parameter interruption: ends the wait.
func takeLock(_ interruption: Interruption? = nil) throws -> HostLock {
  let text = ProcessInfo.processInfo.environment["NEARMETAL_LOCK_WAIT"] ?? "0"
  guard let seconds = UInt64(text), seconds <= 31 * 86400 else {
    throw end(Status.usage, "NEARMETAL_LOCK_WAIT: expected seconds, at most those of 31 days, found \"\(text)\"")
  }
  let deadline = MonotonicClock.now + seconds * 1_000_000_000
  var isWaiting = false
  while true {
    do throws(HostLockError) { return try HostLock() } catch {
      guard case .held(let path, let owner) = error, MonotonicClock.now < deadline else {
        throw end(Status.unavailable, error.description)
      }
      if interruption?.isRequested == true {
        throw end(Status.interrupted, "interrupted while another run had the host")
      }
      if !isWaiting { say("\(owner) holds \(path): waiting for it, \(seconds) s at most") }
      isWaiting = true
      usleep(500_000)
    }
  }
}

/// What this program is.
enum Tool {
  static let version = "0.1.0"

  /// The command line, with what the environment adds to it.
  static let arguments =
    Array(CommandLine.arguments.prefix(1))
    + EnvironmentArguments.completed(
      Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)

  /// How the program was called, for commands that it suggests; `ci/nearmetal` says that it did so.
  static var command: String { ProcessInfo.processInfo.environment["NEARMETAL_COMMAND"] ?? "nearmetal" }

  /// The revision that `ci/nearmetal` built from, or that stands in the file `revision` beside an installed program; any other does not
  /// know.
  static var revision: String {
    if let revision = ProcessInfo.processInfo.environment["NEARMETAL_REVISION"] { return revision }
    guard let file = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent(),
      let bytes = try? AtomicFile.read(file.appendingPathComponent("revision").path, limit: 100)
    else { return "unknown" }
    let revision = String(decoding: bytes, as: UTF8.self).trimmed.printable
    return revision.isEmpty ? "unknown" : revision
  }

  /// The claims that come with the program.
  static func claims() throws -> [Claim] {
    do throws(DefinitionError) { return try ClaimFile.shipped().flatMap(\.claims) } catch {
      throw end(error)
    }
  }

  static var record: ToolRecord {
    #if compiler(>=6.4)
      let swift = "6.4 or later"
    #elseif compiler(>=6.3)
      let swift = "6.3"
    #else
      let swift = "6.2"
    #endif
    return ToolRecord(version: version, revision: revision, swift: swift)
  }
}
