import Foundation
import Testing

/// The guest's side of the equal work: the same sources as Embedded Swift.
@Suite struct EmbeddedTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized

  /// Runs a program of the search path; its status and what it printed.
  private static func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  private static var hasCompiler: Bool { (try? run(["swiftc", "--version"]).status) == 0 }

  @Test(.enabled(if: hasCompiler))
  func theSourcesCompileWithoutAllocationsAndNeedOnlyMemoryFunctions() throws {
    let folder = URL(filePath: NSTemporaryDirectory()).appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let entry = folder.appending(path: "Entry.swift")
    let source = """
      import ProbeABI
      @_cdecl("entry") public func entry(
        _ environment: UnsafePointer<nm_environment>, _ text: UnsafePointer<UInt8>, _ length: UInt64
      ) -> Int64 {
        unsafe sendHello(environment, text, length, entryTSC: nm_tsc())
        return unsafe runJobs(environment, text, length) { _, _ in false }
      }
      """
    try Data(source.utf8).write(to: entry)
    let kernels = try FileManager.default.contentsOfDirectory(
      at: Self.root.appending(path: "Workloads/Kernels"), includingPropertiesForKeys: nil)
    let object = folder.appending(path: "kernels.o").path
    let compiled = try Self.run(
      [
        "swiftc", "-swift-version", "6", "-strict-memory-safety", "-target", "x86_64-unknown-none-elf",
        "-enable-experimental-feature", "Embedded", "-wmo", "-O", "-no-allocations", "-parse-as-library",
        "-module-name",
        "Probe", "-Xcc", "-mno-red-zone", "-I", Self.root.appending(path: "Workloads/ABI/include").path, "-c", "-o",
        object,
        entry.path,
      ] + kernels.map(\.path).filter { $0.hasSuffix(".swift") })
    try #require(compiled.status == 0, "\(compiled.output)")
    #expect(compiled.output == "")
    let names = try Self.run(["nm", "-u", object])
    try #require(names.status == 0, "\(names.output)")
    let needed = Set(names.output.split(whereSeparator: \.isWhitespace).filter { $0 != "U" }.map(String.init))
    #expect(needed.subtracting(["memcpy", "memmove", "memset", "__stack_chk_fail", "__stack_chk_guard"]).isEmpty)
  }
}
