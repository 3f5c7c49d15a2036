/// Which pages back a large mapping. The raw values are the words of the command line, of suites and of results.
public enum MemoryPages: String, Sendable, Hashable, CaseIterable {
  /// 4 KiB pages, transparent huge pages refused (`MADV_NOHUGEPAGE`).
  case small = "none"
  /// 2 MiB pages where the kernel finds some (`MADV_HUGEPAGE`): a wish, not a promise.
  case transparent = "thp"
  /// 2 MiB pages that the administrator reserved (`MAP_HUGETLB`): an error where there are too few. Legs touch them all
  /// beforehand, native and guest ones alike, since the kernel ends a process that touches one which is not there.
  case reserved = "hugetlb"

  /// Bytes of a huge page on x86-64 with four- or five-level paging (Intel SDM volume 3 §4.5).
  public static let hugeSize = 2 << 20
}
