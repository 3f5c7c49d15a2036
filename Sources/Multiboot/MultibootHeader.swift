/// What a kernel's file asks of whoever loads it (Multiboot 0.6.96 §3.1): three fields, and five addresses for a file that is no ELF
/// file or does not want to be taken as one.
struct MultibootHeader: Equatable {
  /// Of the load, §3.1.3. All are guest-physical.
  struct Addresses: Equatable {
    var header: UInt32
    var load: UInt32
    /// 0 for the end of the file.
    var loadEnd: UInt32
    /// 0 where nothing has to be zeroed behind it.
    var zeroEnd: UInt32
    var entry: UInt32
  }

  /// Bits of the flags. What the lower half asks for, a loader must have, or refuse the kernel.
  private enum Flag {
    static let pageAlignedModules: UInt32 = 1 << 0
    static let memoryInformation: UInt32 = 1 << 1
    static let videoMode: UInt32 = 1 << 2
    static let mandatory: UInt32 = 0xffff
    static let hasAddresses: UInt32 = 1 << 16
  }

  private static let magic: UInt32 = 0x1bad_b002
  /// A header lies whole within the first so many bytes, on a border of four.
  static let searchedSize = 8192
  private static let smallSize = 12
  private static let sizeWithAddresses = 32

  /// Where it begins in the file.
  var offset: Int
  var flags: UInt32
  var addresses: Addresses?

  /// Finds it by its checksum; nil where there is none.
  static func offset(in bytes: [UInt8]) -> Int? {
    let end = min(searchedSize, bytes.count)
    return stride(from: 0, through: end - smallSize, by: 4).first { offset in
      word(bytes, offset) == magic && magic &+ word(bytes, offset + 4) &+ word(bytes, offset + 8) == 0
    }
  }

  init(_ bytes: [UInt8], name: String) throws(MultibootError) {
    guard let offset = Self.offset(in: bytes) else { throw .notAKernel(name) }
    self.offset = offset
    flags = Self.word(bytes, offset + 4)
    if flags & Flag.videoMode != 0 { throw .wantsVideo(name) }
    let known = Flag.pageAlignedModules | Flag.memoryInformation
    let unknown = flags & Flag.mandatory & ~known
    guard unknown == 0 else { throw .unknownFlags(name, unknown) }
    guard flags & Flag.hasAddresses != 0 else { return }
    guard offset + Self.sizeWithAddresses <= min(Self.searchedSize, bytes.count) else {
      throw .damaged(
        name, "its header at byte \(offset) has 32 bytes, which the file's first \(Self.searchedSize) must have whole")
    }
    let fields = (0..<5).map { Self.word(bytes, offset + Self.smallSize + 4 * $0) }
    addresses = Addresses(
      header: fields[0], load: fields[1], loadEnd: fields[2], zeroEnd: fields[3], entry: fields[4])
  }

  private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << UInt32(8 * $1) }
  }
}
