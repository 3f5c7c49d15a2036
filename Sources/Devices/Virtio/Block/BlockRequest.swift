import Storage

/// What a driver asks of a disk (virtio 1.2 §5.2.6): read from its buffers and checked against the disk before anything is done.
///
/// Header, data and status byte may lie in buffers of any number and size, as a driver likes (§2.7.4.1).
enum BlockRequest {
  /// A read or a write of the data that is left in the chain.
  case transfer(BlockExtent)
  /// A discard or a write-zeroes.
  case range(BlockExtent)
  case flush
  /// The disk's name, for the data that is left in the chain.
  case identity
  case refused(BlockRefusal)

  /// Most sectors of one discard or write-zeroes, as the configuration says.
  static let rangeSectors: UInt32 = 1 << 21
  /// Bytes that the disk's name takes up.
  static let identitySize = 20

  /// Request types.
  private enum Command {
    static let read: UInt32 = 0
    static let write: UInt32 = 1
    static let flush: UInt32 = 4
    static let identity: UInt32 = 8
    static let discard: UInt32 = 11
    static let writeZeroes: UInt32 = 13
  }

  /// The flag of a write-zeroes' range that lets the disk give the range back.
  private static let unmap: UInt32 = 1

  /// Takes the request off a chain whose status byte was cut off.
  /// - Throws: `requestShape` where it has no header.
  @inline(__always)
  static func parse(
    _ chain: inout DescriptorChain, capacity: UInt64, isReadOnly: Bool
  ) throws(VirtqueueFailure) -> BlockRequest {
    var header: (type: UInt32, reserved: UInt32, sector: UInt64) = (0, 0, 0)
    let isWhole = unsafe withUnsafeMutableBytes(of: &header) { unsafe chain.takeReadable($0) }
    guard isWhole else { throw .requestShape }
    switch header.type {
    case Command.read:
      return transfer(.read, sector: header.sector, count: chain.writableBytes, capacity: capacity)
    case Command.write:
      return transfer(.write, sector: header.sector, count: chain.readableBytes, capacity: capacity)
    default: return parseRare(header.type, &chain, capacity: capacity, isReadOnly: isReadOnly)
    }
  }

  @inline(never)
  private static func parseRare(
    _ type: UInt32, _ chain: inout DescriptorChain, capacity: UInt64, isReadOnly: Bool
  ) -> BlockRequest {
    switch type {
    case Command.flush: return .flush
    case Command.identity: return .identity
    case Command.discard where !isReadOnly: return range(.discard, &chain, capacity: capacity)
    case Command.writeZeroes where !isReadOnly: return range(.writeZeroes, &chain, capacity: capacity)
    default: return .refused(.unsupported(nil))
    }
  }

  @inline(__always)
  private static func transfer(
    _ operation: StorageOperation, sector: UInt64, count: UInt64, capacity: UInt64
  ) -> BlockRequest {
    guard let extent = BlockExtent(operation, sector: sector, count: count, capacity: capacity) else {
      return .refused(.invalid(BlockExtent(operation: operation, offset: sector &* 512, count: count)))
    }
    return .transfer(extent)
  }

  /// One range, as the configuration allows no more.
  private static func range(
    _ operation: StorageOperation, _ chain: inout DescriptorChain, capacity: UInt64
  ) -> BlockRequest {
    var range: (sector: UInt64, sectors: UInt32, flags: UInt32) = (0, 0, 0)
    let isWhole = unsafe withUnsafeMutableBytes(of: &range) { unsafe chain.takeReadable($0) }
    guard isWhole, chain.readableBytes == 0 else {
      return .refused(.invalid(BlockExtent(operation: operation, offset: 0, count: chain.readableBytes)))
    }
    let allowed = operation == .writeZeroes ? unmap : 0
    guard range.flags & ~allowed == 0 else { return .refused(.unsupported(operation)) }
    let count = UInt64(range.sectors) * 512
    guard range.sectors <= rangeSectors,
      let extent = BlockExtent(operation, sector: range.sector, count: count, capacity: capacity)
    else {
      return .refused(.invalid(BlockExtent(operation: operation, offset: range.sector &* 512, count: count)))
    }
    return .range(extent)
  }
}

/// Why a request is answered without being done.
enum BlockRefusal {
  /// The device does not have the command, or not with these flags; nil for a command that it does not know.
  case unsupported(StorageOperation?)
  /// Not of whole sectors, outside the disk, or of nothing.
  case invalid(BlockExtent)
}

/// Bytes of the disk and what is done with them.
struct BlockExtent {
  var operation: StorageOperation
  /// Bytes from the start of the disk.
  var offset: UInt64
  var count: UInt64

  init(operation: StorageOperation, offset: UInt64, count: UInt64) {
    self.operation = operation
    self.offset = offset
    self.count = count
  }

  /// nil where the disk does not have all these bytes, where they are not whole sectors, and where there are none.
  @inline(__always)
  init?(_ operation: StorageOperation, sector: UInt64, count: UInt64, capacity: UInt64) {
    guard count > 0, count & 511 == 0, sector <= capacity / 512, count <= capacity - sector * 512 else { return nil }
    self.init(operation: operation, offset: sector * 512, count: count)
  }
}

/// Where a request is answered: its buffer in its ring, and its status byte.
@safe struct BlockReply: BitwiseCopyable {
  /// Values of the status byte.
  enum Status {
    static let ok: UInt8 = 0
    static let inputOutputError: UInt8 = 1
    static let unsupported: UInt8 = 2
  }

  let status: UnsafeMutableRawPointer
  /// The ring's place among those served.
  let queue: UInt16
  let id: UInt16
  let elements: UInt16

  /// Cuts the status byte off a chain.
  /// - Throws: `requestShape` where it has none, so that there is no way to answer.
  @inline(__always)
  init(_ chain: inout DescriptorChain, queue: Int) throws(VirtqueueFailure) {
    guard let byte = unsafe chain.takeLastWritableByte() else { throw .requestShape }
    unsafe status = byte
    self.queue = UInt16(truncatingIfNeeded: queue)
    (id, elements) = (chain.id, chain.elements)
  }

  /// For a place of a table that holds no request.
  init(unused: UnsafeMutableRawPointer) {
    unsafe status = unsafe unused
    (queue, id, elements) = (0, 0, 0)
  }
}
