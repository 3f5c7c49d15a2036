import ELF
import GuestMemory

/// Puts a PVH executable into guest memory, as Xen's PVH boot ABI has it (docs/misc/pvh.pandoc, `struct hvm_start_info`
/// version 1).
public struct PVHLoader {
  /// Where the boot vCPU starts and what it gets.
  public struct Entry: Sendable {
    /// 32-bit entry.
    public let instruction: UInt32
    /// Guest-physical address of the start info, for EBX.
    public let startInfo: UInt32
  }

  private static let magic: UInt32 = 0x336e_c578
  let memory: GuestMemory

  /// - Parameter memory: RAM that was not touched yet.
  public init(memory: GuestMemory) {
    self.memory = memory
  }

  /// Loads an image, a command line and at most one module.
  /// - Parameters:
  ///   - image: with a PVH note; its segments go to the physical addresses that they name.
  ///   - name: what messages call the image.
  ///   - commandLine: without a zero; at most 2047 bytes of UTF-8.
  ///   - module: bytes that go behind the image, from a page's beginning; nil for none.
  ///   - rsdp: guest-physical address of the ACPI tables' root; nil for a machine without.
  public func load(
    _ image: ELFImage, name: String, commandLine: String, module: [UInt8]?, rsdp: UInt64? = nil
  ) throws(LoadError) -> Entry {
    guard let instruction = image.pvhEntry else { throw .notPVH(name) }
    var end: UInt64 = 0
    for segment in image.segments {
      try place(image, segment)
      end = max(end, segment.physicalAddress + segment.memorySize)
    }
    let line = Array(commandLine.utf8) + [0]
    guard line.count <= MemoryMap.commandLineSize else { throw .commandLineTooLong(line.count) }
    try copy(line, to: MemoryMap.commandLine, "the command line")
    let moduleStart = GuestAddress((end + 4095) & ~4095)
    if let module {
      try copy(module, to: moduleStart, "the module")
      try copy(words(moduleStart.rawValue, UInt64(module.count), 0, 0), to: MemoryMap.moduleList, "the module list")
    }
    let table = MemoryMap.ranges(of: memory, hasTables: rsdp != nil)
    try copy(
      table.flatMap { words($0.start, $0.count) + halves($0.kind.rawValue, 0) }, to: MemoryMap.memoryTable,
      "the memory map")
    let info =
      halves(Self.magic, 1, 0, module == nil ? 0 : 1)
      + words(
        MemoryMap.moduleList.rawValue, MemoryMap.commandLine.rawValue, rsdp ?? 0, MemoryMap.memoryTable.rawValue)
      + halves(UInt32(table.count), 0)
    try copy(info, to: MemoryMap.startInfo, "the start info")
    return Entry(instruction: instruction, startInfo: UInt32(MemoryMap.startInfo.rawValue))
  }

  /// Zeroed memory needs no clearing: a machine's RAM starts as untouched zero pages.
  private func place(_ image: ELFImage, _ segment: ELFImage.Segment) throws(LoadError) {
    let address = GuestAddress(segment.physicalAddress)
    guard let target = unsafe memory.host(address, count: segment.memorySize) else {
      throw .outsideMemory("a segment at \(address) of \(segment.memorySize) bytes", memory.size)
    }
    guard
      segment.memorySize == 0 || !(address.rawValue..<address.rawValue + segment.memorySize).overlaps(MemoryMap.loader)
    else { throw .overLoader("a segment at \(address) of \(segment.memorySize) bytes") }
    unsafe target.copyBytes(from: image.bytes[segment.file])
  }

  private func copy(_ bytes: [UInt8], to address: GuestAddress, _ what: String) throws(LoadError) {
    do { try memory.write(bytes, at: address) } catch {
      throw .outsideMemory("\(what) at \(address) of \(bytes.count) bytes", memory.size)
    }
  }

  private func words(_ values: UInt64...) -> [UInt8] { values.flatMap(littleEndian) }
  private func halves(_ values: UInt32...) -> [UInt8] { values.flatMap(littleEndian) }

  private func littleEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<MemoryLayout<T>.size).map { UInt8(truncatingIfNeeded: value >> T(8 * $0)) }
  }
}

/// An image that cannot be loaded.
public enum LoadError: Error, CustomStringConvertible, Sendable, Equatable {
  case notPVH(String)
  case outsideMemory(String, UInt64)
  /// The segment lies over the start info, the tables or the command line.
  case overLoader(String)
  case commandLineTooLong(Int)

  public var description: String {
    switch self {
    case .notPVH(let name): "\(name): expected a PVH note (XEN_ELFNOTE_PHYS32_ENTRY), found none"
    case .outsideMemory(let what, let size): "\(what) does not fit into \(size >> 20) MiB of guest memory"
    case .overLoader(let what):
      "\(what) lies over the loader's own tables at \(MemoryMap.startInfo) to 0x\(String(MemoryMap.loader.upperBound, radix: 16))"
    case .commandLineTooLong(let count):
      "the command line has \(count) bytes; at most \(MemoryMap.commandLineSize) fit"
    }
  }
}
