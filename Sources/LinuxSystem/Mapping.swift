import CLinux
import SystemPackage

/// An owned memory mapping, unmapped when the owner goes out of scope.
@safe public struct Mapping: ~Copyable, @unchecked Sendable {
  // @unchecked: the address range is owned by this value alone; synchronising access to its bytes is the user's task.

  /// First byte of the mapping.
  public let base: UnsafeMutableRawPointer
  /// Length in bytes.
  public let count: Int

  init(base: UnsafeMutableRawPointer, count: Int) {
    unsafe self.base = unsafe base
    self.count = count
  }

  deinit {
    unsafe munmap(base, count)
  }

  /// Private anonymous memory, zeroed, not yet populated.
  /// - Parameters:
  ///   - count: bytes; rounded up to a page by the kernel.
  ///   - alignment: a power of two of at least 4096; 2 MiB makes the range eligible for transparent huge pages.
  public static func anonymous(count: Int, alignment: Int = 4096) throws(SystemError) -> Mapping {
    precondition(count > 0 && alignment >= 4096 && alignment & (alignment - 1) == 0)
    let whole = (count + 4095) & ~4095
    let total = whole + (alignment > 4096 ? alignment : 0)
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let raw = unsafe mmap(nil, total, PROT_READ | PROT_WRITE, flags, -1, 0), Int(bitPattern: raw) != -1 else {
      throw SystemError("map \(total) bytes of memory", Errno(rawValue: nm_errno()))
    }
    let start = UInt(bitPattern: raw)
    let aligned = (start + UInt(alignment) - 1) & ~UInt(alignment - 1)
    let head = Int(aligned - start)
    if head > 0 { unsafe munmap(raw, head) }
    let tail = total - head - whole
    let base = unsafe raw + head
    if tail > 0 { unsafe munmap(base + whole, tail) }
    return unsafe Mapping(base: base, count: count)
  }

  /// A shared mapping of `count` bytes of a descriptor from `offset`.
  public static func shared(
    _ descriptor: Int32, count: Int, offset: Int = 0, protection: Int32 = PROT_READ | PROT_WRITE
  ) throws(SystemError) -> Mapping {
    guard let raw = unsafe mmap(nil, count, protection, MAP_SHARED, descriptor, offset), Int(bitPattern: raw) != -1
    else {
      throw SystemError("map \(count) bytes of a descriptor", Errno(rawValue: nm_errno()))
    }
    return unsafe Mapping(base: raw, count: count)
  }

  /// Advises the kernel about the whole range (`madvise(2)`).
  public borrowing func advise(_ advice: Int32) throws(SystemError) {
    guard unsafe madvise(base, count, advice) == 0 else {
      throw SystemError("advise the kernel about memory", Errno(rawValue: nm_errno()))
    }
  }
}
