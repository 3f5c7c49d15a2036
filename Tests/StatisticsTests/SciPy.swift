import Foundation

/// The independent implementation that these tests ask where the machine has one.
enum SciPy {
  static let isPresent = (try? run("import scipy.special; print('here')")) == ["here"]

  struct Failed: Error {
    let output: String
  }

  /// Lines that a Python program prints.
  static func run(_ program: String) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program]
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
