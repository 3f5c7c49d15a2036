import ArgumentParser
import Foundation
import LinuxSystem
import Reports

/// Formats of whatever is a table.
enum TableFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, csv, markdown
}

/// What standard output shows of a result, and how.
struct Display: ParsableArguments {
  @Option(help: "What standard output shows: text, or everything as json, csv or markdown.")
  var format = TableFormat.text
  @Flag(help: "Show every figure as text, not only the headlines.")
  var all = false
  @Flag(help: "Show whole sentences, on lines as long as they are.")
  var wide = false

  /// - Parameter directory: where the result is; nil where there is no such place.
  func options(in directory: String? = nil) -> TerminalOptions {
    TerminalOptions(
      style: .standardOutput, showsAll: all, isWide: wide, directory: directory, command: Tool.command)
  }

  /// Writes a table in a format other than text and JSON.
  func print(_ table: @autoclosure () -> DataTable) throws {
    switch format {
    case .text, .json: return
    case .csv: try printCSV(table().csv)
    case .markdown: try printText(table().markdown)
    }
  }
}

extension TerminalStyle {
  /// What standard output can show.
  static var standardOutput: TerminalStyle {
    TerminalStyle(environment: ProcessInfo.processInfo.environment, columns: Terminal.columns(of: 1))
  }
}

/// A screen's text on standard output: it holds nothing that a terminal acts on but its own colours.
/// - Parameter commands: to the CI system that reads the output.
func printScreen(_ text: String, commands: String = "") throws {
  try printBytes([UInt8]((text.withoutCommands + commands).utf8))
}

/// Comma-separated values on standard output, which ends lines as every other program here does.
func printCSV(_ text: String) throws { try printText(text.split(separator: "\r\n").joined(separator: "\n") + "\n") }
