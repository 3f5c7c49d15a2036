import GuestMemory

/// The boot parameters, or "zero page": what a kernel is told of the machine (Linux, Documentation/arch/x86/zero-page.rst).
struct BootParameters {
  /// Offsets of what a loader fills in besides the setup header.
  enum Field {
    static let rsdp = 0x070
    static let initrdHigh = 0x0c0
    static let initrdSizeHigh = 0x0c4
    static let commandLineHigh = 0x0c8
    static let memoryCount = 0x1e8
    static let loader = 0x210
    static let initrd = 0x218
    static let initrdSize = 0x21c
    static let commandLine = 0x228
    static let memory = 0x2d0
  }

  static let size = 4096
  /// Where the setup header's room ends.
  static let headerEnd = 0x290
  /// Entries of the memory map that there is room for (E820_MAX_ENTRIES_ZEROPAGE).
  static let mostMemory = 128

  private(set) var bytes = [UInt8](repeating: 0, count: size)

  /// - Parameter header: from 0x1f1 on, as the kernel's file has it.
  init(header: ArraySlice<UInt8>) {
    bytes.replaceSubrange(LinuxImage.Field.setupSectors..<LinuxImage.Field.setupSectors + header.count, with: header)
    // A loader without a number of its own (boot.rst, type_of_loader).
    bytes[Field.loader] = 0xff
  }

  mutating func setCommandLine(_ address: UInt64) {
    store(UInt32(truncatingIfNeeded: address), at: Field.commandLine)
    store(UInt32(address >> 32), at: Field.commandLineHigh)
  }

  mutating func setInitrd(_ range: Range<UInt64>) {
    let size = range.upperBound - range.lowerBound
    store(UInt32(truncatingIfNeeded: range.lowerBound), at: Field.initrd)
    store(UInt32(range.lowerBound >> 32), at: Field.initrdHigh)
    store(UInt32(truncatingIfNeeded: size), at: Field.initrdSize)
    store(UInt32(size >> 32), at: Field.initrdSizeHigh)
  }

  mutating func setRSDP(_ address: UInt64) { store(address, at: Field.rsdp) }

  mutating func setMemory(_ map: [MemoryRange]) {
    precondition(map.count <= Self.mostMemory, "the memory map fits the boot parameters")
    bytes[Field.memoryCount] = UInt8(map.count)
    for (index, range) in map.enumerated() {
      let offset = Field.memory + index * 20
      store(range.start, at: offset)
      store(range.count, at: offset + 8)
      store(range.kind.rawValue, at: offset + 16)
    }
  }

  private mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
    for index in 0..<Value.bitWidth / 8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> Value(8 * index)) }
  }
}
