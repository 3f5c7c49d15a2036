import ELF
import GuestMemory
import Testing

@testable import VirtualMachine

@Suite struct PVHLoaderTests {
  private func load(
    _ image: ELFImage, _ memory: GuestMemory, commandLine: String = "", module: [UInt8]? = nil
  ) throws(LoadError) -> PVHLoader.Entry {
    try PVHLoader(memory: memory).load(image, name: "guest", commandLine: commandLine, module: module)
  }

  private func word(_ memory: GuestMemory, _ address: UInt64) throws -> UInt32 {
    try memory.load(GuestAddress(address), as: UInt32.self)
  }

  private func quad(_ memory: GuestMemory, _ address: UInt64) throws -> UInt64 {
    try memory.load(GuestAddress(address), as: UInt64.self)
  }

  @Test func theStartInfoLeadsToEverything() throws {
    let memory = try GuestMemory(size: 4 << 20)
    let image = try TestGuest.image([1, 2, 3], memorySize: 0x1801)
    let entry = try load(image, memory, commandLine: "key=7", module: [9, 8, 7])
    let info = UInt64(entry.startInfo)
    #expect(entry.instruction == UInt32(TestGuest.start))
    #expect(try word(memory, info) == 0x336e_c578)
    #expect(try word(memory, info + 4) == 1)
    #expect(try word(memory, info + 12) == 1)
    let modules = try quad(memory, info + 16)
    let module = try quad(memory, modules)
    #expect(module == 0x10_2000)
    #expect(try quad(memory, modules + 8) == 3)
    #expect(try word(memory, module) == 0x0007_0809)
    let line = try quad(memory, info + 24)
    var text = [UInt8](repeating: 0xff, count: 6)
    try unsafe text.withUnsafeMutableBytes { try unsafe memory.read(GuestAddress(line), into: $0) }
    #expect(text == Array("key=7".utf8) + [0])
    #expect(try word(memory, TestGuest.start) == 0x0003_0201)
  }

  @Test(arguments: [2 << 20, 256 << 20, 5 << 30] as [UInt64])
  func theMemoryMapCoversTheRAMAndLeavesTheHolesOut(size: UInt64) throws {
    let memory = try GuestMemory(size: size)
    let info = UInt64(try load(TestGuest.image([0x90]), memory).startInfo)
    let table = try quad(memory, info + 40)
    var covered: UInt64 = 0
    for index in 0..<UInt64(try word(memory, info + 48)) {
      let (start, count) = (try quad(memory, table + index * 24), try quad(memory, table + index * 24 + 8))
      #expect(unsafe memory.host(GuestAddress(start), count: count) != nil)
      #expect(start + count <= 0xa0000 || start >= 0x10_0000)
      #expect(try word(memory, table + index * 24 + 16) == 1)
      covered += count
    }
    #expect(covered == size - 0x6_0000)
  }

  @Test func withoutAModuleThereIsNone() throws {
    let memory = try GuestMemory(size: 4 << 20)
    let info = UInt64(try load(TestGuest.image([0x90]), memory).startInfo)
    #expect(try word(memory, info + 12) == 0)
  }

  @Test func anImageWithoutANoteIsRefused() throws {
    let memory = try GuestMemory(size: 4 << 20)
    let image = try TestGuest.image([0x90], hasNote: false)
    #expect(throws: LoadError.notPVH("guest")) { try load(image, memory) }
  }

  @Test(
    arguments: [
      (0x40_0000, 1), (0x3f_ffff, 2), (0xd000_0000, 16), (0x1_0000_0000, 16), (0x10_0000, 0x1000_0000_0000),
    ] as [(UInt64, UInt64)])
  func aSegmentOutsideMemoryIsRefused(address: UInt64, memorySize: UInt64) throws {
    let memory = try GuestMemory(size: 4 << 20)
    let image = try TestGuest.image([0x90], at: address, memorySize: memorySize)
    let error = #expect(throws: LoadError.self) { try load(image, memory) }
    #expect(error?.description.contains("does not fit into 4 MiB of guest memory") == true)
  }

  @Test(arguments: [0x6000, 0x5fff, 0x7000, 0x77ff, 0x1000] as [UInt64])
  func aSegmentOverTheLoadersOwnTablesIsRefused(address: UInt64) throws {
    let memory = try GuestMemory(size: 4 << 20)
    let image = try TestGuest.image([0x90, 0x90], at: address, memorySize: 0x7000)
    #expect(throws: LoadError.self) { try load(image, memory) }
  }

  @Test func aModuleThatDoesNotFitIsRefused() throws {
    let memory = try GuestMemory(size: 4 << 20)
    let image = try TestGuest.image([0x90])
    let error = #expect(throws: LoadError.self) {
      try load(image, memory, module: [UInt8](repeating: 0, count: 3 << 20))
    }
    #expect(error?.description.hasPrefix("the module at 0x101000") == true)
  }

  @Test func aCommandLineThatIsTooLongIsRefused() throws {
    let memory = try GuestMemory(size: 4 << 20)
    let image = try TestGuest.image([0x90])
    _ = try load(image, memory, commandLine: String(repeating: "x", count: 0x7ff))
    #expect(throws: LoadError.commandLineTooLong(0x801)) {
      try load(image, memory, commandLine: String(repeating: "x", count: 0x800))
    }
  }
}
