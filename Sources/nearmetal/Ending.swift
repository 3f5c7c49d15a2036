import ArgumentParser
import Glibc
import LinuxSystem
import Results
import SystemPackage

/// The documented exit statuses.
enum Status {
  static let failedVerdict = ExitCode(2)
  static let incompleteWorkload = ExitCode(3)
  static let notComparable = ExitCode(5)
  static let inconclusive = ExitCode(7)
  static let usage = ExitCode(64)
  static let unavailable = ExitCode(69)
  static let unwritable = ExitCode(74)
  static let interrupted = ExitCode(130)
}

/// Says a line on standard error. What a terminal or a CI system would act on is left out: a line may quote a guest, a file or
/// another user.
/// What was printed before comes before it, also where both streams go to one place.
func say(_ line: String) { Messages.line("nearmetal: \(line.printable.withoutCommands)") }

/// Ends the program with one line on standard error and a status.
func end(_ status: ExitCode, _ line: String) -> ExitCode {
  say(line.oneLine)
  return status
}

/// Ends the program with an error's line. The output's errors have a status of their own; any other that has none is the
/// input's.
/// - Parameter kept: what is left of the work so far, as a sentence.
func end(_ error: any Error, _ kept: String? = nil) -> ExitCode {
  let isOfOutput = (error as? any OutputFailure)?.isOfOutput ?? false
  let line = "\(error)"
  return end(
    isOfOutput ? Status.unwritable : Status.usage,
    kept.map { "\(line)\(line.hasSuffix(".") ? "" : ".") \($0)" } ?? line)
}

/// Has signals end what runs, and says so.
/// - Parameter line: what becomes of the work, as it is known when the signal comes.
func watch(_ interruption: Interruption, _ line: @escaping @Sendable () -> String) {
  interruption.watchSignals { time in
    say(time == 1 ? line() : "still stopping, and keeping what there is; once more ends at once, without it")
  }
}

/// Has the program end as it should where a stream cannot be written: standard output is buffered, so that this shows at the
/// end, and what was lost of standard error only the status can say.
func watchStandardStreams() {
  StandardStreams.outliveReaders()
  atexit {
    if let reason = StandardOutput.flush() { _exit(endOfOutput(reason).rawValue) }
  }
  unsafe on_exit(
    { status, _ in if status == 0, StandardError.isLost { _exit(Status.unwritable.rawValue) } }, nil)
}

private func endOfOutput(_ reason: Errno) -> ExitCode {
  end(
    Status.unwritable,
    "cannot write to standard output: \(reason). Files that were written before are kept; free some space, or send the output "
      + "elsewhere.")
}

/// Formats of whatever has a result.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

/// JSON on standard output, keys sorted.
func printJSON(_ value: some Encodable) throws {
  let bytes: [UInt8]
  do throws(JSONProblem) { bytes = try JSONText.encode(value) } catch { throw end(error) }
  try printJSON(bytes: bytes)
}

/// JSON's bytes on standard output, with the same value: what a terminal would act on is written as an escape.
func printJSON(bytes: [UInt8]) throws { try printBytes(JSONText.escaped(bytes)) }

/// A whole text on standard output, with the newlines that it has; see ``say(_:)``.
func printText(_ text: String) throws { try printBytes([UInt8](text.printableLines.withoutCommands.utf8)) }

/// Lines on standard output; see ``say(_:)``.
func printLine(_ text: String, terminator: String = "\n") {
  print(text.printableLines.withoutCommands, terminator: terminator)
}

/// The bytes of a file on standard output.
func printBytes(_ bytes: [UInt8]) throws {
  // What was printed before it cannot be written: that is said at the end.
  guard StandardOutput.flush() == nil else { return }
  Messages.settle()
  do throws(Errno) { try StandardOutput.write(bytes) } catch { throw endOfOutput(error) }
}
