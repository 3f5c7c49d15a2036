import GuestMemory

/// Puts a bzImage into guest memory, ready for its 64-bit entry (Linux, Documentation/arch/x86/boot.rst: "64-bit Boot Protocol").
public struct LinuxLoader {
  /// Where a loader's own structures go, all below 640 KiB.
  public struct Places: Sendable {
    public var bootParameters: GuestAddress
    public var commandLine: GuestAddress
    /// Bytes for the command line with its zero.
    public var commandLineSize: Int
    public var descriptors: GuestAddress
    /// Six pages, aligned to pages.
    public var pageTables: GuestAddress

    public init(
      bootParameters: GuestAddress, commandLine: GuestAddress, commandLineSize: Int, descriptors: GuestAddress,
      pageTables: GuestAddress
    ) {
      self.bootParameters = bootParameters
      self.commandLine = commandLine
      self.commandLineSize = commandLineSize
      self.descriptors = descriptors
      self.pageTables = pageTables
    }
  }

  /// Where the boot vCPU starts in 64-bit mode.
  public struct Entry: Sendable, Equatable {
    public var instruction: UInt64
    /// For RSI.
    public var bootParameters: UInt64
    /// For CR3: the first 4 GiB, mapped to themselves.
    public var pageTable: UInt64
    /// The table of segments and its last byte's offset.
    public var descriptors: UInt64
    public var descriptorLimit: UInt16
  }

  /// Selectors of the flat 64-bit code segment and the flat data segment, `__BOOT_CS` and `__BOOT_DS`.
  public static let codeSelector: UInt16 = 0x10
  public static let dataSelector: UInt16 = 0x18

  private let memory: GuestMemory
  private let places: Places

  /// - Parameters:
  ///   - memory: RAM that was not touched yet.
  ///   - places: where what the loader itself makes goes.
  public init(memory: GuestMemory, places: Places) {
    self.memory = memory
    self.places = places
  }

  /// - Parameters:
  ///   - image: the kernel; it goes to the address that it prefers.
  ///   - initrd: the initial RAM disk, as high in memory as the kernel takes it; nil or empty for none.
  ///   - commandLine: without a zero, in UTF-8 at most what the kernel and its place have room for.
  ///   - rsdp: guest-physical address of the ACPI tables' root; nil for a machine without.
  ///   - map: all of the memory.
  public func load(
    _ image: LinuxImage, initrd: [UInt8]?, commandLine: String, rsdp: UInt64?, map: [MemoryRange]
  ) throws(LinuxBootError) -> Entry {
    let kernel = try place(image)
    var parameters = BootParameters(header: image.header)
    let limit = min(image.commandLineSize, places.commandLineSize - 1)
    guard commandLine.utf8.count <= limit else { throw .commandLineTooLong(commandLine.utf8.count, limit) }
    try write(Array(commandLine.utf8) + [0], at: places.commandLine, "the command line")
    parameters.setCommandLine(places.commandLine.rawValue)
    if let initrd, !initrd.isEmpty { parameters.setInitrd(try place(initrd, above: kernel.upperBound, image)) }
    if let rsdp { parameters.setRSDP(rsdp) }
    parameters.setMemory(map)
    try write(parameters.bytes, at: places.bootParameters, "the boot parameters")
    try writeTables()
    return Entry(
      instruction: kernel.lowerBound + 0x200, bootParameters: places.bootParameters.rawValue,
      pageTable: places.pageTables.rawValue, descriptors: places.descriptors.rawValue,
      descriptorLimit: UInt16(Self.descriptors.count * 8 - 1))
  }

  /// Copies the kernel to where it wants to run. Returns all that it uses there.
  private func place(_ image: LinuxImage) throws(LinuxBootError) -> Range<UInt64> {
    let start = image.preferredAddress
    let (end, overflow) = start.addingReportingOverflow(image.initSize)
    guard !overflow, start >= 1 << 20, end <= memory.lowSize else {
      throw .noRoom("the kernel, \(image.initSize >> 20) MiB at \(GuestAddress(start)),", memory.size)
    }
    try write(Array(image.kernel), at: GuestAddress(start), "the kernel")
    return start..<end
  }

  /// Copies the initial RAM disk as high as the kernel takes it, which leaves it the most room.
  private func place(_ initrd: [UInt8], above floor: UInt64, _ image: LinuxImage) throws(LinuxBootError) -> Range<
    UInt64
  > {
    let size = UInt64(initrd.count)
    let top = min(memory.lowSize, image.initrdMaximum + 1)
    guard top > size, (top - size) & ~4095 >= floor else {
      throw .noRoom("the initial RAM disk of \(size >> 20) MiB beside the kernel", memory.size)
    }
    let start = (top - size) & ~4095
    try write(initrd, at: GuestAddress(start), "the initial RAM disk")
    return start..<start + size
  }

  private static let descriptors: [UInt64] = [
    0, 0,
    0x00af_9b00_0000_ffff,  // 64-bit code
    0x00cf_9300_0000_ffff,  // data
  ]

  /// Segments, and page tables that map the first 4 GiB by pages of 2 MiB (Intel SDM volume 3, §4.5).
  private func writeTables() throws(LinuxBootError) {
    try write(Self.descriptors.flatMap(bytes), at: places.descriptors, "the segments")
    let root = places.pageTables.rawValue
    let present: UInt64 = 0x3
    let (top, directories) = (root + 4096, root + 8192)
    try write(bytes(top | present), at: GuestAddress(root), "the page tables")
    let pointers = (0..<4).flatMap { bytes((directories + UInt64($0) * 4096) | present) }
    try write(pointers, at: GuestAddress(top), "the page tables")
    let pages = (0..<2048).flatMap { bytes(UInt64($0) << 21 | present | 0x80) }
    try write(pages, at: GuestAddress(directories), "the page tables")
  }

  private func bytes(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) } }

  private func write(_ bytes: [UInt8], at address: GuestAddress, _ what: String) throws(LinuxBootError) {
    do throws(GuestMemoryError) { try memory.write(bytes, at: address) } catch { throw .noRoom(what, memory.size) }
  }
}
