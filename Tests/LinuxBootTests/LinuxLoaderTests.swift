import GuestMemory
import LinuxBoot
import LinuxSystem
import Testing

/// What a kernel finds, field by field (Linux, Documentation/arch/x86/boot.rst and zero-page.rst).
@Suite struct LinuxLoaderTests {
  private static let places = LinuxLoader.Places(
    bootParameters: GuestAddress(0x8000), commandLine: GuestAddress(0x7000), commandLineSize: 0x800,
    descriptors: GuestAddress(0x9000), pageTables: GuestAddress(0xa000))
  private static let map = [
    MemoryRange(0..<0xa0000, .ram), MemoryRange(0xe0000..<0x10_0000, .reserved),
    MemoryRange(0x10_0000..<0x400_0000, .ram),
  ]

  private let memory: GuestMemory

  init() throws {
    memory = try GuestMemory(size: 64 << 20, pages: .small)
  }

  private func load(
    _ kernel: KernelBuilder = KernelBuilder(), initrd: [UInt8]? = nil, commandLine: String = "", rsdp: UInt64? = nil
  ) throws -> LinuxLoader.Entry {
    try LinuxLoader(memory: memory, places: Self.places).load(
      LinuxImage(kernel.bytes, name: "kernel"), initrd: initrd, commandLine: commandLine, rsdp: rsdp, map: Self.map)
  }

  private func number<Value: FixedWidthInteger & BitwiseCopyable>(_ address: UInt64, _ type: Value.Type) throws -> Value
  {
    try memory.load(GuestAddress(address), as: type)
  }

  private func bytes(_ address: UInt64, _ count: Int) throws -> [UInt8] {
    try (0..<UInt64(count)).map { try number(address + $0, UInt8.self) }
  }

  @Test func theKernelIsEnteredAtItsSecondPartsOffset() throws {
    var kernel = KernelBuilder()
    kernel.code[0x200] = 0xf4
    let entry = try load(kernel)
    // "The 64-bit kernel entry point is at load address + 0x200" (64-bit Boot Protocol).
    #expect(entry.instruction == kernel.preferredAddress + 0x200)
    #expect(try number(entry.instruction, UInt8.self) == 0xf4)
    #expect(entry.bootParameters == 0x8000)
  }

  @Test func theSetupHeaderIsCopied() throws {
    let kernel = KernelBuilder()
    _ = try load(kernel)
    let file = kernel.bytes
    // All of it but what the loader fills in: type_of_loader, ramdisk_image, ramdisk_size, cmd_line_ptr.
    for offset in 0x1f1..<0x26c
    where offset != 0x210 && !(0x218..<0x220).contains(offset) && !(0x228..<0x22c).contains(offset) {
      #expect(try number(0x8000 + UInt64(offset), UInt8.self) == file[offset], "0x\(String(offset, radix: 16))")
    }
    #expect(try number(0x8210, UInt8.self) == 0xff)
    #expect(try number(0x826c, UInt32.self) == 0)
  }

  @Test func theCommandLineEndsWithAZero() throws {
    _ = try load(commandLine: "console=ttyS0 x")
    #expect(try number(0x8228, UInt32.self) == 0x7000)  // cmd_line_ptr
    #expect(try number(0x80c8, UInt32.self) == 0)  // ext_cmd_line_ptr
    #expect(try bytes(0x7000, 16) == Array("console=ttyS0 x".utf8) + [0])
  }

  @Test func theInitialRAMDiskLiesHighAndAligned() throws {
    let initrd = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    _ = try load(initrd: initrd)
    let start = UInt64(try number(0x8218, UInt32.self))  // ramdisk_image
    #expect(try number(0x821c, UInt32.self) == 5000)  // ramdisk_size
    #expect(try number(0x80c0, UInt32.self) == 0 && number(0x80c4, UInt32.self) == 0)  // their high halves
    #expect(start % 4096 == 0 && start + 5000 <= 64 << 20 && start > (64 << 20) - 12288)
    #expect(try bytes(start, 5000) == initrd)
  }

  @Test func theInitialRAMDiskStaysBelowWhatTheKernelTakes() throws {
    var kernel = KernelBuilder()
    kernel.initrdMaximum = 0x01ff_ffff
    _ = try load(kernel, initrd: [UInt8](repeating: 1, count: 4096))
    #expect(try number(0x8218, UInt32.self) == 0x01ff_f000)
  }

  @Test func withoutAnInitialRAMDiskThereIsNone() throws {
    _ = try load()
    #expect(try number(0x8218, UInt64.self) == 0)
  }

  @Test func theMemoryMapIsTheMachines() throws {
    _ = try load()
    #expect(try number(0x81e8, UInt8.self) == 3)  // e820_entries
    for (index, range) in Self.map.enumerated() {
      let entry = UInt64(0x82d0 + 20 * index)  // e820_table
      #expect(try number(entry, UInt64.self) == range.start)
      #expect(try number(entry + 8, UInt64.self) == range.count)
      #expect(try number(entry + 16, UInt32.self) == range.kind.rawValue)
    }
  }

  @Test func theTablesRootIsPassedOn() throws {
    _ = try load(rsdp: 0xe0000)
    #expect(try number(0x8070, UInt64.self) == 0xe0000)  // acpi_rsdp_addr
  }

  @Test func theFirst4GiBAreMappedToThemselves() throws {
    let entry = try load()
    #expect(entry.pageTable == 0xa000)
    for address in [0, 0x7000, 0x100_0200, 0xbfff_f000, 0xe000_0000, 0xffff_ffff] as [UInt64] {
      let top = try number(entry.pageTable + (address >> 39) * 8, UInt64.self)
      #expect(top & 3 == 3)
      let directory = try number(top & ~0xfff + (address >> 30 & 511) * 8, UInt64.self)
      #expect(directory & 0x83 == 3)
      let page = try number(directory & ~0xfff + (address >> 21 & 511) * 8, UInt64.self)
      #expect(page & 0x83 == 0x83)
      #expect(page & ~0x1f_ffff == address & ~0x1f_ffff)
    }
  }

  @Test func theSegmentsAreFlat() throws {
    let entry = try load()
    #expect(entry.descriptors == 0x9000 && entry.descriptorLimit == 31)
    let code = try number(entry.descriptors + UInt64(LinuxLoader.codeSelector), UInt64.self)
    #expect(code >> 53 & 1 == 1 && code >> 54 & 1 == 0 && code >> 40 & 0x9a == 0x9a)  // long, present, code
    let data = try number(entry.descriptors + UInt64(LinuxLoader.dataSelector), UInt64.self)
    #expect(data >> 40 & 0x9a == 0x92)
  }

  @Test func whatDoesNotFitIsRefused() throws {
    var kernel = KernelBuilder()
    kernel.initSize = 0x400_0000
    let large = kernel
    #expect(throws: LinuxBootError.self) { try load(large) }
    kernel = KernelBuilder()
    kernel.preferredAddress = 0xffff_ffff_ffe0_0000
    let far = kernel
    #expect(throws: LinuxBootError.self) { try load(far) }
    let error = #expect(throws: LinuxBootError.self) { try load(initrd: [UInt8](repeating: 0, count: 60 << 20)) }
    #expect(
      error?.description.contains("the initial RAM disk of 60 MiB beside the kernel does not fit into 64 MiB") == true)
  }

  @Test func aCommandLineThatIsTooLongIsRefused() throws {
    _ = try load(commandLine: String(repeating: "x", count: 0x7ff))
    #expect(throws: LinuxBootError.commandLineTooLong(0x800, 0x7ff)) {
      try load(commandLine: String(repeating: "x", count: 0x800))
    }
    var kernel = KernelBuilder()
    kernel.commandLineSize = 255
    let short = kernel
    #expect(throws: LinuxBootError.commandLineTooLong(256, 255)) {
      try load(short, commandLine: String(repeating: "x", count: 256))
    }
  }
}
