import Foundation

/// The machine's python3, for what it can check independently.
enum Python {
  struct Failed: Error {
    let output: String
  }

  /// Debian's own, which has what ci/packages.txt installs, before whatever else comes first in the path.
  private static let programs = ["/usr/bin/python3", "/usr/bin/env"].filter {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  static func has(_ module: String) -> Bool {
    (try? run("import \(module)")) != nil
  }

  /// Lines that a program prints.
  static func run(_ program: String, _ arguments: String...) throws -> [String] {
    guard let python = programs.first else { throw Failed(output: "there is no python3") }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments =
      (python.hasSuffix("env") ? ["python3"] : []) + ["-W", "ignore", "-c", program] + arguments
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
