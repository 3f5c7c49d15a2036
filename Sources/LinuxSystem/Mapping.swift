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
  ///   - count: bytes; rounded up to a page by the kernel. Reserved huge pages need a multiple of 2 MiB.
  ///   - alignment: a power of two of at least 4096; 2 MiB makes the range eligible for transparent huge pages.
  ///   - pages: which pages to ask for; nil leaves it to the kernel's settings.
  /// - Throws: `SystemError`; for reserved pages with how many to reserve.
  public static func anonymous(
    count: Int, alignment: Int = 4096, pages: MemoryPages? = nil
  ) throws(SystemError) -> Mapping {
    precondition(count > 0 && alignment >= 4096 && alignment & (alignment - 1) == 0)
    if pages == .reserved { return try reserved(count: count) }
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
    let mapping = unsafe Mapping(base: base, count: count)
    // A kernel without transparent huge pages refuses both wishes, and has nothing but small pages anyway.
    switch pages {
    case .small: try? mapping.advise(MADV_NOHUGEPAGE)
    case .transparent: try? mapping.advise(MADV_HUGEPAGE)
    default: break
    }
    return mapping
  }

  /// Private memory on 2 MiB pages from the administrator's reserve. Without MAP_NORESERVE the kernel sets the pages aside
  /// now, so that a lack of them is an error here and no SIGBUS later.
  private static func reserved(count: Int) throws(SystemError) -> Mapping {
    precondition(count % MemoryPages.hugeSize == 0, "reserved huge pages come whole")
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | nm_MAP_HUGE_2MB
    guard let raw = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, flags, -1, 0), Int(bitPattern: raw) != -1 else {
      let pages = count / MemoryPages.hugeSize
      throw SystemError(
        "map \(pages) reserved pages of 2 MiB", Errno(rawValue: nm_errno()),
        advice:
          "Reserve at least \(pages) free ones: sudo sysctl vm.nr_hugepages=\(pages), or nearmetal host tune --apply "
          + "--reserve-huge-pages \(pages).")
    }
    return unsafe Mapping(base: raw, count: count)
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
