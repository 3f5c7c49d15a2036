import Foundation
import LinuxBoot
import Testing

@Suite struct CPIOArchiveTests {
  /// A cpio of another's; busybox has one where the host has none of its own.
  private static let cpio: [String]? =
    [["/usr/bin/cpio"], ["/bin/cpio"], ["/bin/busybox", "cpio"], ["/usr/bin/busybox", "cpio"]].first {
      FileManager.default.isExecutableFile(atPath: $0[0])
    }

  private func made() throws -> CPIOArchive {
    var archive = CPIOArchive()
    try archive.addFolder("nearmetal")
    try archive.addFile("nearmetal/run", Array("echo one\n".utf8), isExecutable: true)
    for size in 0...5 { try archive.addFile("nearmetal/\(size)", [UInt8](repeating: 0x61, count: size)) }
    return archive
  }

  /// Lets another's cpio do something with an archive. Returns what it wrote.
  private func run(_ words: [String], _ bytes: [UInt8], in folder: URL) throws -> String {
    let file = folder.appending(path: "archive")
    try Data(bytes).write(to: file)
    let process = Process()
    let cpio = try #require(Self.cpio)
    process.executableURL = URL(filePath: cpio[0])
    process.arguments = Array(cpio.dropFirst()) + words
    process.currentDirectoryURL = folder
    process.standardInput = try FileHandle(forReadingFrom: file)
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return text
  }

  @Test(.enabled(if: cpio != nil, "neither cpio nor busybox is installed"))
  func anotherProgramListsAndUnpacksIt() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "cpio-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let bytes = try made().bytes()
    let names = try run(["-t"], bytes, in: folder).split(separator: "\n").map(String.init)
    #expect(names == ["nearmetal", "nearmetal/run"] + (0...5).map { "nearmetal/\($0)" })
    _ = try run(["-i", "-d"], bytes, in: folder)
    let script = folder.appending(path: "nearmetal/run")
    #expect(try String(contentsOf: script, encoding: .utf8) == "echo one\n")
    #expect(FileManager.default.isExecutableFile(atPath: script.path))
    #expect(!FileManager.default.isExecutableFile(atPath: folder.appending(path: "nearmetal/3").path))
    for size in 0...5 {
      #expect(try Data(contentsOf: folder.appending(path: "nearmetal/\(size)")).count == size)
    }
  }

  @Test(arguments: 1...9)
  func behindAnInitialRAMDiskItBeginsAtAMultipleOfFour(count: Int) throws {
    let whole = try made().appended(to: [UInt8](repeating: 7, count: count))
    let start = try #require(whole.firstIndex(of: UInt8(ascii: "0")))
    #expect(start % 4 == 0 && whole[count..<start].allSatisfy { $0 == 0 } && whole.count % 4 == 0)
    #expect(Array(whole[start...]) == (try made().bytes()))
  }

  @Test(arguments: [
    "", "/a", "a/", "a//b", "../a", "a/./b", "TRAILER!!!", "a\u{0}b", String(repeating: "a", count: 256),
  ])
  func aNameThatLeadsElsewhereIsRefused(name: String) {
    var archive = CPIOArchive()
    #expect(throws: CPIOError.name(name)) { try archive.addFile(name, []) }
  }

  @Test func whatDoesNotFitIsRefusedAndWhatStandsThereAlreadyToo() throws {
    var archive = CPIOArchive()
    try archive.addFile("a", [1])
    #expect(throws: CPIOError.twice("a")) { try archive.addFile("a", [2]) }
    #expect(throws: CPIOError.tooLarge("b")) {
      try archive.addFile("b", [UInt8](repeating: 0, count: CPIOArchive.most))
    }
    try archive.addFile("c", [3])
    #expect(archive.bytes().count <= CPIOArchive.most)
  }
}
