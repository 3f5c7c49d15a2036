import Foundation
import Glibc
import LinuxSystem

/// The program under test, run as a user would run it.
enum Tool {
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    /// On whichever stream it says so: a shell may have joined them.
    var metAnotherRun: Bool { status == 69 && (errors + output).contains("another run is in progress") }
  }

  /// Beside the test's own executable, where the build puts every product.
  static let path: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count - 1)
    let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return URL(filePath: own).deletingLastPathComponent().appending(path: "nearmetal").path
  }()

  /// Whether guests can be booted here, and why not.
  static let hasKVM = unsafe access("/dev/kvm", R_OK | W_OK) == 0
  static let isRoot = getuid() == 0
  /// CPUs that this process may use.
  static let cpus: [Int] = {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") } ?? ""
    return line.split(whereSeparator: \.isWhitespace).dropFirst().joined().split(separator: ",").flatMap { part in
      let ends = part.split(separator: "-").compactMap { Int($0) }
      return ends.isEmpty ? [] : Array(ends[0]...(ends.last ?? ends[0]))
    }
  }()
  /// NUMA nodes of this host.
  static let nodeCount = ((try? FileManager.default.contentsOfDirectory(atPath: "/sys/devices/system/node")) ?? [])
    .count { $0.hasPrefix("node") }
  static func has(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      unsafe access("\($0)/\(program)", X_OK) == 0
    }
  }

  /// Starts a program with its output in files, so that no pipe can fill up.
  static func start(_ arguments: [String], with program: String = path, in folder: Folder) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    for (name, target) in [("output", \Process.standardOutput), ("errors", \Process.standardError)] {
      let file = folder.path(name)
      _ = FileManager.default.createFile(atPath: file, contents: nil)
      process[keyPath: target] = FileHandle(forWritingAtPath: file)
    }
    process.standardInput = FileHandle.nullDevice
    // Another test may have pinned the thread that this one runs on, and what a thread starts is pinned as it is.
    try CPUAffinity.pin(thread: 0, to: cpus)
    try process.run()
    return process
  }

  /// Runs a program to its end. While somebody else measures on this host it is tried again, for some minutes.
  /// - Parameter waits: whether it is.
  static func run(
    _ arguments: [String], with program: String = path, waits: Bool = true, in folder: Folder
  ) throws -> Outcome {
    var outcome = try finish(start(arguments, with: program, in: folder), in: folder)
    for _ in 0..<(waits ? 120 : 0) where outcome.metAnotherRun {
      sleep(2)
      outcome = try finish(start(arguments, with: program, in: folder), in: folder)
    }
    return outcome
  }

  static func finish(_ process: Process, in folder: Folder) throws -> Outcome {
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try folder.text("output"), errors: try folder.text("errors"))
  }
}

/// A folder that goes with its owner.
final class Folder {
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "nearmetal-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }
  func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
  func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: path(name), atomically: true, encoding: .utf8)
    return path(name)
  }
  func contains(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
}
