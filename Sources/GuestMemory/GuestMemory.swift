import CLinux
import LinuxSystem

/// A guest's RAM, and the only way into it: every access names a guest-physical range, is checked against the RAM that
/// there is, and copies. A guest that hands over a bad address gets an error, never a host crash.
///
/// The guest writes to this memory while the host reads it. Callers therefore copy a structure out once and check the copy.
/// On both sides of it lie addresses that nothing can be mapped to: an access that leaves it all the same ends the process there
/// and then.
@safe public final class GuestMemory: @unchecked Sendable {
  // @unchecked: the fields are constant; the bytes are shared with a running guest by design and only ever copied.

  private let mapping: Mapping
  private let sharedFile: Descriptor?
  /// Where the RAM lies, for data that is used in place.
  public let window: GuestWindow
  /// What was asked of the kernel for it; of transparent huge pages it may hand out fewer.
  public let pages: MemoryPages

  /// Reserves RAM. Nothing is populated: pages arrive, zeroed, as the guest touches them.
  /// - Parameters:
  ///   - size: bytes, a multiple of 2 MiB.
  ///   - pages: which pages to back it with.
  ///   - isShared: whether it is a file that another process may map as well, ``file``, to serve the guest's devices.
  /// - Throws: `SystemError` where the memory, or the huge pages that were asked for, cannot be had.
  public init(size: UInt64, pages: MemoryPages, isShared: Bool = false) throws(SystemError) {
    precondition(size > 0 && size % (2 << 20) == 0, "RAM is a multiple of 2 MiB")
    let mapping: Mapping
    if isShared {
      let file = try UnnamedFile.memory(count: Int(size), pages: pages)
      mapping = try Mapping.shared(file, count: Int(size), alignment: 2 << 20, pages: pages, isGuarded: true)
      sharedFile = consume file
    } else {
      mapping = try Mapping.anonymous(count: Int(size), alignment: 2 << 20, pages: pages, isGuarded: true)
      sharedFile = nil
    }
    try? mapping.advise(MADV_DONTDUMP)
    self.pages = pages
    window = unsafe GuestWindow(base: mapping.base, size: size)
    self.mapping = mapping
  }

  /// Reserves RAM on transparent huge pages or on small ones.
  public convenience init(size: UInt64, hugePages: Bool = true) throws(SystemError) {
    try self.init(size: size, pages: hugePages ? .transparent : .small)
  }

  /// Bytes of RAM.
  public var size: UInt64 { window.lowCount + window.highCount }
  /// Bytes of it below 3 GiB.
  public var lowSize: UInt64 { window.lowCount }

  /// The contiguous pieces of RAM: guest-physical start, host address, bytes.
  public var regions: [(start: GuestAddress, host: UInt, count: UInt64)] {
    let host = UInt(bitPattern: unsafe window.base)
    var all = [(start: GuestAddress(0), host: host, count: lowSize)]
    if size > lowSize { all.append((GuestAddress(GuestWindow.highBase), host + UInt(lowSize), size - lowSize)) }
    return all
  }

  /// The file that the RAM is, from its first byte on and in the order of ``regions``; nil for RAM of this process alone.
  public var file: Int32? {
    switch sharedFile {
    case .some(let file): file.rawValue
    case .none: nil
    }
  }

  /// Where the RAM lies in this process.
  public var hostRanges: [Range<UInt>] { regions.map { $0.host..<$0.host + UInt($0.count) } }

  /// The host address of `count` bytes from `address`, or nil where any of them is not RAM.
  ///
  /// For data that an engine reads or writes in place: see `GuestWindow`.
  @inlinable
  public func host(_ address: GuestAddress, count: UInt64) -> UnsafeMutableRawBufferPointer? {
    guard let start = unsafe window.host(address.rawValue, count) else { return nil }
    return unsafe UnsafeMutableRawBufferPointer(start: start, count: Int(count))
  }

  /// Has whoever mirrors the mapping of a page, KVM above all, forget it and look it up anew: the kernel tells them of a change of its
  /// protection. The page stays readable and writable all the while, since other threads use it. Nothing happens where no RAM is.
  /// - Parameter address: any in the page.
  public func invalidate(_ address: GuestAddress) {
    let size: UInt64 = 4096
    guard let page = unsafe host(GuestAddress(address.rawValue & ~(size - 1)), count: size) else { return }
    for protection in [PROT_READ | PROT_WRITE | PROT_EXEC, PROT_READ | PROT_WRITE] {
      unsafe mprotect(page.baseAddress, page.count, protection)
    }
  }

  /// Copies an integer out, little-endian, at any alignment.
  @inlinable
  public func load<T: FixedWidthInteger & BitwiseCopyable>(_ address: GuestAddress, as type: T.Type)
    throws(GuestMemoryError) -> T
  {
    guard let bytes = unsafe host(address, count: UInt64(MemoryLayout<T>.size)) else {
      throw GuestMemoryError(address, UInt64(MemoryLayout<T>.size))
    }
    return unsafe T(littleEndian: bytes.loadUnaligned(as: T.self))
  }

  /// Copies an integer in, little-endian, at any alignment.
  @inlinable
  public func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, at address: GuestAddress)
    throws(GuestMemoryError)
  {
    guard let bytes = unsafe host(address, count: UInt64(MemoryLayout<T>.size)) else {
      throw GuestMemoryError(address, UInt64(MemoryLayout<T>.size))
    }
    unsafe bytes.storeBytes(of: value.littleEndian, as: T.self)
  }

  /// Copies bytes out of the guest.
  @inlinable
  public func read(_ address: GuestAddress, into target: UnsafeMutableRawBufferPointer) throws(GuestMemoryError) {
    guard let bytes = unsafe host(address, count: UInt64(target.count)) else {
      throw GuestMemoryError(address, UInt64(target.count))
    }
    unsafe target.copyMemory(from: UnsafeRawBufferPointer(bytes))
  }

  /// Copies bytes into the guest.
  @inlinable
  public func write(_ source: UnsafeRawBufferPointer, at address: GuestAddress) throws(GuestMemoryError) {
    guard let bytes = unsafe host(address, count: UInt64(source.count)) else {
      throw GuestMemoryError(address, UInt64(source.count))
    }
    unsafe bytes.copyMemory(from: source)
  }

  /// Copies an array of bytes into the guest.
  public func write(_ source: [UInt8], at address: GuestAddress) throws(GuestMemoryError) {
    guard let bytes = unsafe host(address, count: UInt64(source.count)) else {
      throw GuestMemoryError(address, UInt64(source.count))
    }
    unsafe bytes.copyBytes(from: source)
  }
}

/// A range that is not RAM.
public struct GuestMemoryError: Error, CustomStringConvertible, Sendable {
  public let address: GuestAddress
  public let count: UInt64

  @inlinable
  public init(_ address: GuestAddress, _ count: UInt64) {
    self.address = address
    self.count = count
  }

  public var description: String { "\(count) bytes at guest address \(address) are not RAM" }
}
