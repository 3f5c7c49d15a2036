import ArgumentParser
import Foundation

/// The documented exit statuses.
enum Status {
  static let failedVerdict = ExitCode(2)
  static let incompleteWorkload = ExitCode(3)
  static let notComparable = ExitCode(5)
  static let inconclusive = ExitCode(7)
  static let usage = ExitCode(64)
  static let unavailable = ExitCode(69)
  static let interrupted = ExitCode(130)
}

/// Says a line on standard error.
func say(_ line: String) {
  FileHandle.standardError.write(Data("nearmetal: \(line)\n".utf8))
}

/// Ends the program with one line on standard error and a status.
func end(_ status: ExitCode, _ line: String) -> ExitCode {
  say(line.split(whereSeparator: \.isNewline).joined(separator: " "))
  return status
}

/// Formats of whatever has a result.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

/// JSON on standard output, keys sorted.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  FileHandle.standardOutput.write(try encoder.encode(value) + Data("\n".utf8))
}
