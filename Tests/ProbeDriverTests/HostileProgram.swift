import CLinux
import Foundation
import LinuxSystem
import Testing

/// The program of the folder Hostile: the very sources of the guest's driver, compiled for the host, and devices.
enum HostileProgram {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

  /// Whether the compilers are in PATH.
  static let hasCompilers = ["swiftc", "clang"].allSatisfy {
    (try? run(["/usr/bin/env", $0, "--version"]))?.contains("version") == true
  }

  /// Runs a program to its end and returns what it printed; nil if it did not end by itself in two minutes.
  static func run(_ words: [String]) throws -> String? {
    let child = try ChildProcess(words[0], Array(words.dropFirst()))
    var output: [UInt8] = []
    let deadline = MonotonicClock.now + 120_000_000_000
    let ended = unsafe child.drain(until: deadline) { unsafe output.append(contentsOf: $0) }
    return ended ? String(decoding: output, as: UTF8.self) + child.complaint() : nil
  }

  private static func files(of folder: URL, _ isWanted: (String) -> Bool) throws -> [String] {
    try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil).map(\.path)
      .filter(isWanted)
  }

  /// Compiles the program. Returns its path.
  static func build(in folder: URL) throws -> String {
    let probe = root.appending(path: "Workloads/Probe")
    let hostile = root.appending(path: "Tests/ProbeDriverTests/Hostile")
    let driver = try files(of: probe) { path in
      [
        "/VirtioQueue", "/VirtioBlock", "/VirtioNet", "/VirtioFeatures", "/VirtioDevice", "/VirtioTransport",
        "/DeviceError",
      ].contains { path.contains($0) }
    }
    let device = try files(of: hostile) { $0.hasSuffix(".swift") }
    let folders = ["Workloads/Probe/include", "Workloads/ABI/include"]
    let includes = folders.flatMap { ["-I", root.appending(path: $0).path] }
    let object = folder.appending(path: "memory.o").path
    let program = folder.appending(path: "hostile").path
    _ = try run(["/usr/bin/env", "clang", "-c", hostile.appending(path: "memory.c").path, "-o", object] + includes)
    let complaint = try run(
      ["/usr/bin/env", "swiftc", "-O", "-swift-version", "6", "-module-name", "Hostile", "-o", program] + includes
        + driver + device + [
          probe.appending(path: "DeviceSleep.swift").path, probe.appending(path: "LocalAPIC.swift").path,
          probe.appending(path: "Vector.swift").path,
          root.appending(path: "Workloads/Kernels/Region.swift").path, object,
        ])
    try #require(FileManager.default.isExecutableFile(atPath: program), "\(complaint ?? "no end")")
    return program
  }
}
