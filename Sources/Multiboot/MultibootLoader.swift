import GuestMemory

/// Puts a Multiboot kernel into guest memory (Multiboot 0.6.96 §3.2 and §3.3): its pieces where they want to be, behind the last of them
/// a page-aligned block with all that it is told, and then its modules.
public struct MultibootLoader {
  /// A file that goes with the kernel.
  public struct Module: Sendable {
    public var bytes: [UInt8]
    /// What the kernel is told of it: a name, or a command line.
    public var string: String

    public init(_ bytes: [UInt8], string: String) {
      (self.bytes, self.string) = (bytes, string)
    }
  }

  /// Where the boot vCPU starts in 32-bit protected mode, and what it gets.
  public struct Entry: Sendable, Equatable {
    public var instruction: UInt32
    /// For EAX: that it was a Multiboot loader.
    public var magic: UInt32
    /// For EBX: guest-physical address of the information structure.
    public var information: UInt32
  }

  private static let magic: UInt32 = 0x2bad_b002
  private static let name = "NearMetal"
  private static let page: UInt64 = 4096
  private let memory: GuestMemory
  private let map: [MemoryRange]

  /// - Parameters:
  ///   - memory: RAM that was not touched yet where the map calls it RAM.
  ///   - map: all of the memory, by address.
  public init(memory: GuestMemory, map: [MemoryRange]) {
    (self.memory, self.map) = (memory, map)
  }

  /// Loads a kernel.
  /// - Parameters:
  ///   - image: the kernel; its pieces go to the addresses that it names.
  ///   - commandLine: without a zero; by custom its first word is the kernel's name.
  ///   - modules: in the order in which the kernel is told of them.
  public func load(
    _ image: MultibootImage, commandLine: String, modules: [Module] = []
  ) throws(MultibootError) -> Entry {
    for piece in image.pieces { try place(piece, of: image) }
    let end = image.pieces.map(\.range.upperBound).max() ?? 0
    var information = MultibootInformation(map: map, loader: Self.name, commandLine: commandLine)
    for module in modules { information.addModule(module.string) }
    let start = try room(information.size, from: end, "what \(image.name) is told at its start")
    var free = start + information.size
    for (index, module) in modules.enumerated() {
      let size = UInt64(module.bytes.count)
      let place = try room(size, from: free, "the module \(module.string) of \(size) bytes beside the kernel")
      try write(module.bytes[...], at: place, module.string)
      information.setModule(index, place..<place + size)
      free = place + size
    }
    try write(information.bytes(at: UInt32(start))[...], at: start, "the information structure")
    return Entry(instruction: image.entry, magic: Self.magic, information: UInt32(start))
  }

  /// Zeroed memory needs no clearing: a machine's RAM starts as untouched zero pages.
  private func place(_ piece: MultibootImage.Piece, of image: MultibootImage) throws(MultibootError) {
    let ram = ram
    guard ram.contains(where: { $0.contains(piece.address) && piece.range.upperBound <= $0.upperBound }) else {
      throw .outsideRAM(image.name, piece.range, ram)
    }
    try write(image.bytes[piece.file], at: piece.address, image.name)
  }

  /// What a 32-bit kernel can name of the RAM, with its end.
  private var ram: [Range<UInt64>] {
    map.filter { $0.kind == .ram && $0.start + $0.count < 1 << 32 }.map { $0.start..<$0.start + $0.count }
  }

  /// The first page from an address on behind which there are so many bytes of RAM.
  private func room(_ count: UInt64, from start: UInt64, _ what: String) throws(MultibootError) -> UInt64 {
    for range in ram {
      let place = (max(start, range.lowerBound) + Self.page - 1) & ~(Self.page - 1)
      if place < range.upperBound, count <= range.upperBound - place { return place }
    }
    throw .noRoom(what, memory.size)
  }

  private func write(_ bytes: ArraySlice<UInt8>, at address: UInt64, _ what: String) throws(MultibootError) {
    do throws(GuestMemoryError) { try memory.write(Array(bytes), at: GuestAddress(address)) } catch {
      throw .noRoom(what, memory.size)
    }
  }
}
