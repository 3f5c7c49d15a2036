import ACPI
import Foundation
import Testing

/// ACPICA's compiler, the reference for the language, reads what was written.
@Suite(.enabled(if: Compiler.isThere, "needs iasl: acpica-tools"))
struct DisassemblyTests {
  private func tables(_ platform: PlatformDescription = ACPITablesTests.platform) throws -> [String: [UInt8]] {
    let tables = try ACPITables(platform, at: 0xe0000, limit: 0x20000)
    let reader = TableReader(start: UInt64(tables.start), bytes: tables.bytes)
    var all = try reader.listed()
    let fixed = try #require(all["FACP"])
    all["DSDT"] = try reader.table(TableReader.number(fixed, 40, 4))
    all["FACS"] = try reader.table(TableReader.number(fixed, 36, 4))
    all["XSDT"] = try reader.table(TableReader.number(reader.bytes, 24, 8))
    return all
  }

  @Test(arguments: ["FACP", "APIC", "DSDT", "FACS", "XSDT"])
  func everyTableIsRead(name: String) throws {
    let compiler = try Compiler()
    let text = try compiler.disassemble(try #require(try tables()[name]), name)
    for complaint in ["Incorrect", "Invalid", "Unknown", "Error", "should be"] {
      #expect(!text.contains(complaint), "\(name): \(complaint)")
    }
  }

  @Test func theMachineIsDescribed() throws {
    let text = try Compiler().disassemble(try #require(try tables()["DSDT"]), "DSDT")
    for part in [
      "EisaId (\"PNP0A03\")", "_PRT", "EisaId (\"PNP0501\")", "EisaId (\"PNP0B00\")", "EisaId (\"PNP0303\")",
      "\"LNRO0005\"", "Device (VR02)", "Name (\\_S5", "0x001FFFFF", "0xD0012000",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(text.components(separatedBy: "Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive").count == 4)
  }

  @Test func whatWasDisassembledCompilesToTheSame() throws {
    let compiler = try Compiler()
    let table = try #require(try tables()["DSDT"])
    _ = try compiler.disassemble(table, "DSDT")
    let (again, messages) = try compiler.compile("DSDT")
    #expect(messages.contains("0 Errors"), "\(messages)")
    // The header names the compiler.
    #expect(again.dropFirst(36) == table.dropFirst(36))
  }

  @Test func aMachineWithoutDevicesIsDescribedAsWell() throws {
    var platform = ACPITablesTests.platform
    (platform.registerPages, platform.interruptWires) = ([], [])
    let compiler = try Compiler()
    _ = try compiler.disassemble(try #require(try tables(platform)["DSDT"]), "DSDT")
    #expect(try compiler.compile("DSDT").messages.contains("0 Errors"))
  }
}

/// `iasl`, in a folder of its own.
private final class Compiler {
  static let isThere = FileManager.default.isExecutableFile(atPath: "/usr/bin/iasl")

  struct Failed: Error {
    let output: String
  }

  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "acpi-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func disassemble(_ table: [UInt8], _ name: String) throws -> String {
    try Data(table).write(to: folder.appending(path: "\(name).dat"))
    _ = try run("-d", "\(name).dat")
    return try String(contentsOf: folder.appending(path: "\(name).dsl"), encoding: .utf8)
  }

  func compile(_ name: String) throws -> (table: [UInt8], messages: String) {
    let messages = try run("-oa", "-p", "again", "\(name).dsl")
    return (Array(try Data(contentsOf: folder.appending(path: "again.aml"))), messages)
  }

  private func run(_ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/iasl")
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failed(output: text) }
    return text
  }
}
