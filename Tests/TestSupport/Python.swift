import Foundation

/// A python3 of the machine, for what it can check independently.
public struct Python: Sendable {
  /// The first one in the path.
  public static let first = Python(words: ["/usr/bin/env", "python3"])

  /// Debian's own, which has what ci/packages.txt installs, before whatever comes first in the path.
  public static let debian =
    FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") ? Python(words: ["/usr/bin/python3"]) : first

  public struct Failed: Error {
    public let output: String
  }

  /// The program, and arguments that come before all others.
  private let words: [String]

  public func has(_ module: String) -> Bool {
    (try? run("import \(module)")) != nil
  }

  /// Lines that a program prints.
  public func run(_ program: String, _ arguments: String...) throws -> [String] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: words[0])
    process.arguments = words.dropFirst() + ["-W", "ignore", "-c", program] + arguments
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
