import ELF

/// A kernel with a Multiboot header, read with every bound checked: what of its file goes where, and where it is entered. Either the
/// header has the addresses, or the file is a 32-bit ELF file (Multiboot 0.6.96 §3.1.2 and §3.1.3).
public struct MultibootImage: Sendable {
  /// A part of the file that goes to memory.
  struct Piece: Hashable {
    /// Guest-physical address of the first byte.
    var address: UInt64
    /// Bytes of the file.
    var file: Range<Int>
    /// Bytes in memory, at least as many and not 0; the rest is zero.
    var memorySize: UInt64

    /// Guest-physical, and not past 2^33.
    var range: Range<UInt64> { address..<address + memorySize }
  }

  /// What messages call it.
  let name: String
  /// The whole file.
  let bytes: [UInt8]
  /// In the order in which they are copied.
  let pieces: [Piece]
  /// Guest-physical, in one of the pieces.
  let entry: UInt32

  /// Whether bytes look like one: what else they may be is for others to say.
  public static func isImage(_ bytes: [UInt8]) -> Bool { MultibootHeader.offset(in: bytes) != nil }

  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - name: what messages call it, such as its path.
  public init(_ bytes: [UInt8], name: String) throws(MultibootError) {
    let header = try MultibootHeader(bytes, name: name)
    self.name = name
    self.bytes = bytes
    if let addresses = header.addresses {
      let piece = try Self.piece(addresses, header.offset, of: bytes.count, name)
      pieces = [piece]
      entry = addresses.entry
      guard piece.range.contains(UInt64(entry)) else { throw .entryOutside(name, UInt64(entry)) }
    } else {
      (pieces, entry) = try Self.segments(bytes, name)
    }
  }

  /// The one piece that a header's addresses name. Its first byte is so far before the header in the file as in memory.
  private static func piece(
    _ addresses: MultibootHeader.Addresses, _ offset: Int, of size: Int, _ name: String
  ) throws(MultibootError) -> Piece {
    let (load, header) = (Int(addresses.load), Int(addresses.header))
    guard load <= header, header - load <= offset else {
      throw .damaged(
        name, "its header at byte \(offset) says to lie at \(hex(header)) and the first byte at \(hex(load))")
    }
    let start = offset - (header - load)
    let end = addresses.loadEnd == 0 ? size : start + Int(addresses.loadEnd) - load
    guard end >= start, end <= size else {
      throw .damaged(
        name,
        "it wants to be loaded from \(hex(load)) to \(hex(Int(addresses.loadEnd))), of \(size - start) bytes there are")
    }
    let zeroEnd = addresses.zeroEnd == 0 ? load + end - start : Int(addresses.zeroEnd)
    guard zeroEnd >= load + end - start, zeroEnd > load else {
      throw .damaged(name, "what it wants zeroed ends at \(hex(zeroEnd)), before \(hex(load + end - start))")
    }
    return Piece(address: UInt64(load), file: start..<end, memorySize: UInt64(zeroEnd - load))
  }

  /// The segments of an ELF file. Its entry is a virtual address, whatever the segments' physical ones are.
  private static func segments(_ bytes: [UInt8], _ name: String) throws(MultibootError) -> ([Piece], UInt32) {
    guard ELFImage.isImage(bytes) else {
      throw .damaged(name, "its header has no addresses, and it is no ELF file that has them")
    }
    let image: ELFImage
    do throws(ELFError) { image = try ELFImage(bytes, name: name) } catch { throw .elf(error) }
    guard !image.is64Bit else { throw .is64Bit(name) }
    let segments = image.segments.filter { $0.memorySize > 0 }
    guard
      let first = segments.first(where: {
        ($0.virtualAddress..<$0.virtualAddress + $0.memorySize).contains(image.entry)
      })
    else { throw .entryOutside(name, image.entry) }
    let entry = image.entry - first.virtualAddress + first.physicalAddress
    guard entry <= UInt32.max else { throw .entryOutside(name, entry) }
    let pieces = segments.map { Piece(address: $0.physicalAddress, file: $0.file, memorySize: $0.memorySize) }
    return (pieces, UInt32(entry))
  }

  private static func hex(_ value: Int) -> String { "0x" + String(value, radix: 16) }
}

/// A kernel that cannot be booted, or what goes with it.
public enum MultibootError: Error, CustomStringConvertible, Sendable, Equatable {
  case notAKernel(String)
  case wantsVideo(String)
  /// Bits of the header's flags that are set and must be understood.
  case unknownFlags(String, UInt32)
  case damaged(String, String)
  case elf(ELFError)
  case is64Bit(String)
  case entryOutside(String, UInt64)
  /// A part that would lie elsewhere than in these ranges.
  case outsideRAM(String, Range<UInt64>, [Range<UInt64>])
  /// What is not to be had in so many bytes of RAM.
  case noRoom(String, UInt64)

  public var description: String {
    switch self {
    case .notAKernel(let name):
      "\(name): no kernel: expected a Multiboot header in its first \(MultibootHeader.searchedSize) bytes"
    case .wantsVideo(let name):
      "\(name): a Multiboot kernel that asks for a video mode; expected one for a machine without"
    case .unknownFlags(let name, let flags):
      "\(name): a Multiboot kernel that asks for what the specification, 0.6.96, does not have: flags 0x"
        + String(flags, radix: 16)
    case .damaged(let name, let reason): "\(name): a damaged Multiboot kernel: \(reason)"
    case .elf(let error): error.description
    case .is64Bit(let name):
      "\(name): a 64-bit ELF file with a Multiboot header; expected a 32-bit one, as objcopy -O elf32-i386 makes it"
    case .entryOutside(let name, let entry):
      "\(name): a damaged Multiboot kernel: its entry 0x\(String(entry, radix: 16)) lies in nothing that is loaded"
    case .outsideRAM(let name, let part, let ram):
      "\(name): a part of it belongs at \(Self.text(part)), which is not all RAM; that is at "
        + ram.map(Self.text).joined(separator: " and ") + ", and --memory changes its end"
    case .noRoom(let what, let memory):
      "\(what) does not fit into the RAM of a guest with \(memory >> 20) MiB; give the guest more with --memory"
    }
  }

  private static func text(_ range: Range<UInt64>) -> String {
    "0x\(String(range.lowerBound, radix: 16))..<0x\(String(range.upperBound, radix: 16))"
  }
}
