/// A port access of a guest.
@safe public struct PortAccess: ~Copyable {
  public let port: UInt16
  /// Bytes of one access: 1, 2 or 4.
  public let width: Int
  /// Accesses: above 1 with a repeat prefix.
  public let count: Int
  public let isWrite: Bool
  @usableFromInline let data: UnsafeMutableRawPointer

  /// - Parameter data: `width × count` bytes that outlive the access.
  @inlinable
  init(port: UInt16, width: Int, count: Int, isWrite: Bool, data: UnsafeMutableRawPointer) {
    self.port = port
    self.width = width
    self.count = count
    self.isWrite = isWrite
    unsafe self.data = unsafe data
  }

  /// What the guest wrote, of the first access where there are several.
  @inlinable
  public var value: UInt64 { unsafe AccessData.load(data, width: width) }

  /// Stores what the guest reads, of the first access where there are several; bits past `width` are ignored.
  @inlinable
  public func answer(_ value: UInt64) { unsafe AccessData.store(value, data, width: width) }

  /// Lends the bytes of all accesses, in their order: what the guest wrote, or where to put what it reads.
  @inlinable
  public func withUnsafeBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) -> Result) -> Result {
    unsafe body(UnsafeMutableRawBufferPointer(start: data, count: width * count))
  }
}

/// A memory-mapped access of a guest.
@safe public struct MemoryAccess: ~Copyable {
  public let address: UInt64
  /// Bytes, 1 to 8; not always a power of two.
  public let width: Int
  public let isWrite: Bool
  @usableFromInline let data: UnsafeMutableRawPointer

  /// - Parameter data: eight bytes that outlive the access.
  @inlinable
  init(address: UInt64, width: Int, isWrite: Bool, data: UnsafeMutableRawPointer) {
    self.address = address
    self.width = width
    self.isWrite = isWrite
    unsafe self.data = unsafe data
  }

  /// What the guest wrote.
  @inlinable
  public var value: UInt64 { unsafe AccessData.load(data, width: width) }

  /// Stores what the guest reads; bits past `width` are ignored.
  @inlinable
  public func answer(_ value: UInt64) { unsafe AccessData.store(value, data, width: width) }
}

/// Values in the run page, little-endian at any alignment.
@usableFromInline enum AccessData {
  @unsafe @inlinable @inline(__always)
  static func load(_ place: UnsafeMutableRawPointer, width: Int) -> UInt64 {
    switch width {
    case 1: return unsafe UInt64(place.loadUnaligned(as: UInt8.self))
    case 2: return unsafe UInt64(UInt16(littleEndian: place.loadUnaligned(as: UInt16.self)))
    case 4: return unsafe UInt64(UInt32(littleEndian: place.loadUnaligned(as: UInt32.self)))
    case 8: return unsafe UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
    default:
      var value: UInt64 = 0
      for index in 0..<min(width, 8) {
        value |= unsafe UInt64(place.load(fromByteOffset: index, as: UInt8.self)) << UInt64(index * 8)
      }
      return value
    }
  }

  @unsafe @inlinable @inline(__always)
  static func store(_ value: UInt64, _ place: UnsafeMutableRawPointer, width: Int) {
    switch width {
    case 1: unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
    case 2: unsafe place.storeBytes(of: UInt16(truncatingIfNeeded: value).littleEndian, as: UInt16.self)
    case 4: unsafe place.storeBytes(of: UInt32(truncatingIfNeeded: value).littleEndian, as: UInt32.self)
    case 8: unsafe place.storeBytes(of: value.littleEndian, as: UInt64.self)
    default:
      for index in 0..<min(width, 8) {
        unsafe place.storeBytes(
          of: UInt8(truncatingIfNeeded: value >> UInt64(index * 8)), toByteOffset: index, as: UInt8.self)
      }
    }
  }
}
