/// An entry of an L2 table (QEMU docs/interop/qcow2, "L2 table entry"): what one cluster of the disk is.
struct QCOW2Entry: Equatable {
  static let copied: UInt64 = 1 << 63
  static let compressed: UInt64 = 1 << 62
  static let zero: UInt64 = 1
  /// Bits 9 to 55: an offset in the file.
  static let offsets: UInt64 = 0x00FF_FFFF_FFFF_FE00

  let word: UInt64

  init(_ word: UInt64) { self.word = word }

  /// An entry of a cluster that only this table refers to.
  init(at offset: UInt64) { word = offset | Self.copied }

  var isCompressed: Bool { word & Self.compressed != 0 }
  /// Reads as zeros, whatever it refers to. Version 2 has no such entries.
  var isZero: Bool { !isCompressed && word & Self.zero != 0 }
  var isOwn: Bool { word & Self.copied != 0 }
  /// Of a cluster that is not compressed; 0 for none.
  var offset: UInt64 { word & Self.offsets }

  /// Where a compressed cluster is: any byte, and how many there are up to the end of its last sector.
  func folded(_ clusterBits: Int) -> (offset: UInt64, count: Int) {
    let bits = UInt64(62 - (clusterBits - 8))
    let offset = word & (1 << bits - 1)
    let sectors = (word & (Self.compressed - 1)) >> bits
    return (offset, Int(sectors + 1) * 512 - Int(offset & 511))
  }

  /// The clusters of the file that it refers to.
  func clusters(_ clusterBits: Int) -> ClosedRange<UInt64>? {
    if isCompressed {
      let (offset, count) = folded(clusterBits)
      return (offset >> UInt64(clusterBits))...((offset + UInt64(count) - 1) >> UInt64(clusterBits))
    }
    return offset == 0 ? nil : (offset >> UInt64(clusterBits))...(offset >> UInt64(clusterBits))
  }
}
