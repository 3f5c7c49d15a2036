import CNuma

/// The calling thread's wish to take pages for what it touches first from one node (`set_mempolicy(2)`), for memory that no
/// one else binds, such as a disk that is a piece of memory. Memory with a policy of its own keeps to that.
public struct NodePreference {
  private let isSet: Bool

  /// Begins. Where the kernel refuses, nothing changes.
  /// - Parameter node: nil wishes for nothing.
  public init(_ node: Int?) {
    guard let node, (0..<NodeMemory.words * UInt.bitWidth - 1).contains(node) else {
      isSet = false
      return
    }
    var mask = [UInt](repeating: 0, count: NodeMemory.words)
    mask[node / UInt.bitWidth] = 1 << UInt(node % UInt.bitWidth)
    isSet = unsafe set_mempolicy(MPOL_PREFERRED, mask, UInt(NodeMemory.words * UInt.bitWidth)) == 0
  }

  /// Ends it, on the same thread.
  public func end() {
    if isSet { _ = set_mempolicy(MPOL_DEFAULT, nil, 0) }
  }
}
