/// One online CPU as the scheduler sees it: a hardware thread.
public struct LogicalCPU: Equatable, Sendable {
  /// Its number in Linux.
  public let id: Int
  /// Physical package (socket).
  public let package: Int
  /// Core, unique only inside its die and package.
  public let core: Int
  /// CPUs of the same core, itself included: more than one with SMT.
  public let siblings: [Int]
  /// Its NUMA node; nil where the kernel tells none.
  public let node: Int?
  /// Which kind of core it is where the host has several: "core" and "atom" of Intel's hybrid processors, else the capacity that
  /// the scheduler gives it. Nil where all are alike.
  public let kind: String?

  public init(id: Int, package: Int, core: Int, siblings: [Int], node: Int?, kind: String? = nil) {
    (self.id, self.package, self.core, self.siblings, self.node) = (id, package, core, siblings, node)
    self.kind = kind
  }
}
