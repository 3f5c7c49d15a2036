import GuestMemory
import Testing

@testable import Multiboot

@Suite struct MultibootLoaderTests {
  private static let size: UInt64 = 4 << 20
  /// RAM as a PC with tables has it.
  private static let map: [MemoryRange] = [
    MemoryRange(0..<0xa0000, .ram), MemoryRange(0xe0000..<0x10_0000, .reserved), MemoryRange(0x10_0000..<size, .ram),
  ]

  private func load(
    _ builder: MultibootBuilder, _ memory: GuestMemory, commandLine: String = "",
    modules: [MultibootLoader.Module] = [], map: [MemoryRange] = map
  ) throws(MultibootError) -> MultibootLoader.Entry {
    try MultibootLoader(memory: memory, map: map).load(
      try MultibootImage(builder.bytes, name: "kernel"), commandLine: commandLine, modules: modules)
  }

  private func word(_ memory: GuestMemory, _ address: UInt32) throws -> UInt32 {
    try memory.load(GuestAddress(UInt64(address)), as: UInt32.self)
  }

  private func string(_ memory: GuestMemory, _ address: UInt32) throws -> String {
    var bytes: [UInt8] = []
    while bytes.last != 0 {
      bytes.append(try memory.load(GuestAddress(UInt64(address) + UInt64(bytes.count)), as: UInt8.self))
    }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }

  @Test func theKernelIsWhereItWantsToBe() throws {
    let memory = try GuestMemory(size: Self.size)
    var builder = MultibootBuilder.withAddresses
    builder.addresses?.zeroEnd = 0x10_1800
    let entry = try load(builder, memory)
    #expect(entry.instruction == 0x10_0020 && entry.magic == 0x2bad_b002)
    #expect(try word(memory, 0x10_0000) == 0x1bad_b002)
    #expect(try word(memory, 0x10_0020) == 0x00fd_ebf4)
    #expect(entry.information == 0x10_2000)
  }

  @Test func theInformationLeadsToEverything() throws {
    let memory = try GuestMemory(size: Self.size)
    let modules = [
      MultibootLoader.Module([9, 8, 7], string: "first"), .init([], string: ""), .init([6], string: "third a=b"),
    ]
    let entry = try load(.inELF, memory, commandLine: "kernel key=7", modules: modules)
    let information = entry.information
    func field(_ offset: UInt32) throws -> UInt32 { try word(memory, information + offset) }
    #expect(try field(0) == 1 << 0 | 1 << 2 | 1 << 3 | 1 << 6 | 1 << 9)
    #expect(try field(4) == 640)
    #expect(try field(8) == 3 << 10)
    #expect(try string(memory, field(16)) == "kernel key=7")
    #expect(try string(memory, field(64)) == "NearMetal")
    #expect(try field(20) == 3)
    var free = information + 116
    for (index, module) in modules.enumerated() {
      let place = try field(24) + UInt32(16 * index)
      let (start, end) = (try word(memory, place), try word(memory, place + 4))
      #expect(start % 4096 == 0 && start >= free && end - start == UInt32(module.bytes.count))
      for (offset, byte) in module.bytes.enumerated() {
        #expect(try memory.load(GuestAddress(UInt64(start) + UInt64(offset)), as: UInt8.self) == byte)
      }
      #expect(try string(memory, word(memory, place + 8)) == module.string)
      free = end
    }
  }

  @Test func theMemoryMapIsTheMachines() throws {
    let memory = try GuestMemory(size: Self.size)
    let map = Self.map + [MemoryRange(1 << 32..<5 << 30, .ram)]
    let information = try load(.inELF, memory, map: map).information
    let (length, start) = (try word(memory, information + 44), try word(memory, information + 48))
    #expect(length == UInt32(map.count * 24))
    for (index, range) in map.enumerated() {
      let place = start + UInt32(index * 24)
      #expect(try word(memory, place) == 20)
      #expect(try memory.load(GuestAddress(UInt64(place + 4)), as: UInt64.self) == range.start)
      #expect(try memory.load(GuestAddress(UInt64(place + 12)), as: UInt64.self) == range.count)
      #expect(try word(memory, place + 20) == range.kind.rawValue)
    }
  }

  @Test func aKernelInLowMemoryLeavesTheHoleOut() throws {
    let memory = try GuestMemory(size: Self.size)
    var builder = MultibootBuilder.withAddresses
    builder.addresses = .init(header: 0x8000, load: 0x8000, zeroEnd: 0x9_f800, entry: 0x8020)
    let entry = try load(builder, memory, modules: [.init([1], string: "module")])
    #expect(entry.instruction == 0x8020)
    // No whole page is left below the hole.
    #expect(entry.information == 0x10_0000)
  }

  @Test(
    arguments: [
      (0x40_0000, 0x40_0100), (0x3f_f000, 0x40_0001), (0xe_0000, 0xe_1000), (0x9_f000, 0xa_0001), (0xb_0000, 0xb_1000),
      (0xffff_0000, 0xffff_ffff), (0xd000_0000, 0xd000_1000),
    ] as [(UInt32, UInt32)])
  func aKernelThatIsNotInRAMIsRefused(start: UInt32, end: UInt32) throws {
    let memory = try GuestMemory(size: Self.size)
    var builder = MultibootBuilder.withAddresses
    builder.addresses = .init(header: start, load: start, zeroEnd: end, entry: start)
    let error = #expect(throws: MultibootError.self) { try load(builder, memory) }
    #expect(
      error?.description.hasSuffix(
        "which is not all RAM; that is at 0x0..<0xa0000 and 0x100000..<0x400000, and --memory changes its end") == true)
    #expect(error?.description.hasPrefix("kernel: a part of it belongs at 0x\(String(start, radix: 16))..<") == true)
  }

  @Test func aModuleThatDoesNotFitIsRefused() throws {
    let memory = try GuestMemory(size: Self.size)
    let room = (3 << 20) - 0x2000
    _ = try load(.inELF, memory, modules: [.init([UInt8](repeating: 1, count: room), string: "module")])
    let error = #expect(throws: MultibootError.self) {
      try load(.inELF, memory, modules: [.init([UInt8](repeating: 1, count: room + 1), string: "module")])
    }
    #expect(error?.description.hasPrefix("the module module of \(room + 1) bytes beside the kernel") == true)
  }

  @Test func whatTheKernelIsToldHasToFit() throws {
    let memory = try GuestMemory(size: Self.size)
    var builder = MultibootBuilder.withAddresses
    builder.addresses?.zeroEnd = UInt32(Self.size)
    let error = #expect(throws: MultibootError.self) { try load(builder, memory) }
    #expect(error?.description.hasPrefix("what kernel is told at its start") == true)
  }
}
