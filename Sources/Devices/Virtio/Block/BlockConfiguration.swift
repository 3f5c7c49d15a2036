/// The bytes of virtio-blk's configuration structure (virtio 1.2 §5.2.4).
struct BlockConfiguration: Sendable {
  let bytes: [UInt8]

  init(_ disk: BlockDisk, _ options: BlockOptions) {
    var bytes = [UInt8](repeating: 0, count: 60)
    func put<T: FixedWidthInteger>(_ value: T, _ offset: Int) {
      for index in 0..<MemoryLayout<T>.size { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (index * 8)) }
    }
    put(disk.capacity / 512, 0)
    // Two descriptors of every chain are the header and the status.
    put(UInt32(max(options.queueSize, 3) - 2), 12)
    put(UInt32(512), 20)
    put(UInt8(3), 24)  // a physical block is 2^3 sectors
    put(UInt16(8), 26)
    put(UInt32(0), 28)
    put(UInt8(1), 32)  // writes may be cached: a flush makes them durable
    put(UInt16(options.queues), 34)
    if !disk.isReadOnly {
      put(BlockRequest.rangeSectors, 36)
      put(UInt32(1), 40)
      put(UInt32(8), 44)
      put(BlockRequest.rangeSectors, 48)
      put(UInt32(1), 52)
      put(UInt8(1), 56)
    }
    self.bytes = bytes
  }

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { Self.read(bytes, offset, width: width) }

  /// Reads a structure of these bytes; zero past its end.
  static func read(_ bytes: [UInt8], _ offset: UInt64, width: AccessWidth) -> UInt64 {
    var value: UInt64 = 0
    for index in 0..<UInt64(width.rawValue) where offset < 4096 && offset + index < UInt64(bytes.count) {
      value |= UInt64(bytes[Int(offset + index)]) << (index * 8)
    }
    return value
  }
}
