import CLinux
import SystemPackage

/// An owned memory mapping, unmapped when the owner goes out of scope.
@safe public struct Mapping: ~Copyable, @unchecked Sendable {
  // @unchecked: the address range is owned by this value alone; synchronising access to its bytes is the user's task.

  /// First byte of the mapping.
  public let base: UnsafeMutableRawPointer
  /// Length in bytes.
  public let count: Int
  /// Bytes before and behind it that nothing can be mapped to and that fault when they are touched.
  private let guardSize: Int

  init(base: UnsafeMutableRawPointer, count: Int, guardSize: Int = 0) {
    unsafe self.base = unsafe base
    self.count = count
    self.guardSize = guardSize
  }

  deinit {
    unsafe munmap(base - guardSize, (count + 4095) & ~4095 + 2 * guardSize)
  }

  /// Private anonymous memory, zeroed, not yet populated.
  /// - Parameters:
  ///   - count: bytes; rounded up to a page by the kernel. Reserved huge pages need a multiple of 2 MiB.
  ///   - alignment: a power of two of at least 4096; 2 MiB makes the range eligible for transparent huge pages.
  ///   - pages: which pages to ask for; nil leaves it to the kernel's settings.
  ///   - isGuarded: whether an access right before or behind the memory ends the process instead of reaching something else.
  /// - Throws: `SystemError`; for reserved pages with how many to reserve.
  public static func anonymous(
    count: Int, alignment: Int = 4096, pages: MemoryPages? = nil, isGuarded: Bool = false
  ) throws(SystemError) -> Mapping {
    try make(nil, count, alignment, pages, isGuarded)
  }

  /// The same of a file that is memory, for other processes to map: see ``UnnamedFile/memory(count:pages:)``.
  /// - Parameters:
  ///   - file: of at least `count` bytes, made with the same pages.
  ///   - count: bytes to map, from the file's beginning.
  ///   - alignment: as for memory that is shared with nobody.
  ///   - pages: which pages to ask for. Transparent ones need /sys/kernel/mm/transparent_hugepage/shmem_enabled to be `advise` or more.
  ///   - isGuarded: as for memory that is shared with nobody.
  public static func shared(
    _ file: borrowing Descriptor, count: Int, alignment: Int, pages: MemoryPages, isGuarded: Bool
  ) throws(SystemError) -> Mapping {
    try make(file.rawValue, count, alignment, pages, isGuarded)
  }

  private static func make(
    _ file: Int32?, _ count: Int, _ alignment: Int, _ pages: MemoryPages?, _ isGuarded: Bool
  ) throws(SystemError) -> Mapping {
    precondition(count > 0 && alignment >= 4096 && alignment & (alignment - 1) == 0)
    precondition(pages != .reserved || count % MemoryPages.hugeSize == 0, "reserved huge pages come whole")
    let alignment = pages == .reserved ? max(alignment, MemoryPages.hugeSize) : alignment
    let margin = isGuarded ? alignment : 0
    let place = try unsafe reserve(count: (count + 4095) & ~4095, alignment: alignment, margin: margin)
    do throws(SystemError) { try unsafe populate(place, count, pages, file) } catch {
      // The kernel may have given the range itself back already, and another thread may have it by now.
      if margin > 0 {
        unsafe munmap(place - margin, margin)
        unsafe munmap(place + (count + 4095) & ~4095, margin)
      }
      throw error
    }
    let mapping = unsafe Mapping(base: place, count: count, guardSize: margin)
    // A kernel without transparent huge pages refuses both wishes, and has nothing but small pages anyway.
    switch pages {
    case .small: try? mapping.advise(MADV_NOHUGEPAGE)
    case .transparent: try? mapping.advise(MADV_HUGEPAGE)
    default: break
    }
    return mapping
  }

  /// Takes an aligned address range with margins, none of which can be accessed.
  /// - Returns: the first byte behind the first margin.
  private static func reserve(
    count: Int, alignment: Int, margin: Int
  ) throws(SystemError) -> UnsafeMutableRawPointer {
    let (wanted, slack) = (count + 2 * margin, alignment > 4096 ? alignment : 0)
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let raw = unsafe mmap(nil, wanted + slack, PROT_NONE, flags, -1, 0), Int(bitPattern: raw) != -1 else {
      throw SystemError("map \(wanted + slack) bytes of memory", Errno(rawValue: nm_errno()))
    }
    let start = UInt(bitPattern: raw)
    let head = Int((start + UInt(alignment) - 1) & ~UInt(alignment - 1) - start)
    if head > 0 { unsafe munmap(raw, head) }
    if slack > head { unsafe munmap(raw + head + wanted, slack - head) }
    return unsafe raw + head + margin
  }

  /// Puts memory where a range is. Without MAP_NORESERVE the kernel sets reserved pages aside now, so that a lack of them is an
  /// error here and no SIGBUS later.
  private static func populate(
    _ place: UnsafeMutableRawPointer, _ count: Int, _ pages: MemoryPages?, _ file: Int32?
  ) throws(SystemError) {
    let kind = pages == .reserved ? MAP_HUGETLB | nm_MAP_HUGE_2MB : MAP_NORESERVE
    let flags = file == nil ? MAP_PRIVATE | MAP_ANONYMOUS | kind : MAP_SHARED | kind & MAP_NORESERVE
    let raw = unsafe mmap(place, count, PROT_READ | PROT_WRITE, flags | MAP_FIXED, file ?? -1, 0)
    if let raw = unsafe raw, Int(bitPattern: raw) != -1 { return }
    let errno = Errno(rawValue: nm_errno())
    guard pages == .reserved else { throw SystemError("map \(count) bytes of memory", errno) }
    let number = count / MemoryPages.hugeSize
    throw SystemError(
      "map \(number) reserved pages of 2 MiB", errno,
      advice:
        "Reserve at least \(number) free ones: sudo sysctl vm.nr_hugepages=\(number), or nearmetal host tune --apply "
        + "--reserve-huge-pages \(number).")
  }

  /// Anonymous memory that processes which are forked later share with this one, zeroed.
  public static func shared(count: Int) throws(SystemError) -> Mapping {
    guard let raw = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
      Int(bitPattern: raw) != -1
    else { throw SystemError("map \(count) bytes of shared memory", Errno(rawValue: nm_errno())) }
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
