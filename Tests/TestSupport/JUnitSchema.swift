import Foundation

/// The schema of JUnit files that Jenkins' xUnit plugin publishes, which `ci/venv` gets and `ci/test` names in `JUNIT_SCHEMA`.
public enum JUnitSchema {
  private static let path = ProcessInfo.processInfo.environment["JUNIT_SCHEMA"] ?? ""

  /// Whether files can be held against it here; for tests that skip themselves where not.
  public static let isHere = FileManager.default.fileExists(atPath: path) && checker != nil
  public static let absence = "xmllint or the schema of JUnit files is absent (ci/test has both)"

  private static let checker = ["/usr/bin/xmllint", "/usr/local/bin/xmllint"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// What is wrong with a file by the schema; empty where nothing is.
  public static func problems(_ xml: String) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: "nearmetal-junit-\(UUID().uuidString).xml")
    try xml.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    process.executableURL = URL(filePath: checker ?? "")
    process.arguments = ["--nonet", "--noout", "--schema", path, file.path]
    let output = Pipe()
    process.standardError = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return process.terminationStatus == 0 ? "" : text
  }
}
