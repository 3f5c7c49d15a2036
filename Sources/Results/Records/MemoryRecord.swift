/// Where a leg's memory (guest RAM, or the native arena) was asked to lie, and where it was found after the last window.
public struct MemoryRecord: Codable, Sendable, Equatable {
  /// The NUMA node that was asked for; nil where the host tells no nodes.
  public var node: Int?
  /// The node that `get_mempolicy` says the memory is bound to; nil where it is bound to none.
  public var boundTo: Int?
  /// Shares of the sampled present pages by node number, as `move_pages` finds them; they add up to 1.
  public var nodes: [String: Double]
  /// Which pages were asked for: `none`, `thp`, `hugetlb`.
  public var hugePages: String
  /// Bytes that were present, and bytes of them on huge pages.
  public var residentBytes: UInt64?
  public var hugeBytes: UInt64?
  /// Largest page size with which the kernel backs the memory's areas, in bytes: 2 MiB for reserved huge pages.
  public var kernelPageBytes: UInt64?
  /// Why something of this is absent.
  public var reason: String?

  public init(node: Int?, hugePages: String) {
    self.node = node
    self.hugePages = hugePages
    nodes = [:]
  }
}
