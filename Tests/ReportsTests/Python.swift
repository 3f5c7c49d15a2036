import Foundation

/// The machine's python3, for what it can check independently.
enum Python {
  struct Failed: Error {
    let output: String
  }

  static func has(_ module: String) -> Bool {
    (try? run("import \(module)")) != nil
  }

  /// Lines that a program prints.
  static func run(_ program: String, _ arguments: String...) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-W", "ignore", "-c", program] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(output: text) }
    return text.split(separator: "\n").map(String.init)
  }
}
