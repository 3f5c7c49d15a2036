import CNuma
import LinuxSystem
import SystemPackage

/// Where memory of a process lies, and where it must lie (`mbind(2)`, `get_mempolicy(2)`, `move_pages(2)` by libnuma).
public enum NodeMemory {
  /// Words of a node mask: the kernel knows at most 1024 nodes.
  static let words = 16

  /// Has every page of a range come from one node. Pages that are there already stay where they are: bind before the first
  /// touch. A node that runs full makes the kernel end the process rather than take another's memory: check
  /// ``free(on:files:)``.
  /// - Parameters:
  ///   - range: addresses, page by page.
  ///   - node: 0 to 1022.
  /// - Throws: `SystemError`: EINVAL for a node without memory, EPERM in containers whose seccomp filter forbids the call.
  public static func bind(_ range: Range<UInt>, to node: Int) throws(SystemError) {
    var mask = [UInt](repeating: 0, count: words)
    guard (0..<words * UInt.bitWidth - 1).contains(node) else {
      throw SystemError("bind memory to NUMA node \(node)", .invalidArgument)
    }
    mask[node / UInt.bitWidth] = 1 << UInt(node % UInt.bitWidth)
    let start = unsafe UnsafeMutableRawPointer(bitPattern: range.lowerBound)
    let code = unsafe mbind(start, UInt(range.count), MPOL_BIND, mask, UInt(words * UInt.bitWidth), 0)
    let errno = Errno(rawValue: nm_numa_errno())
    guard code == 0 else {
      throw SystemError(
        "bind memory to NUMA node \(node)", errno, advice: filterAdvice(.bindMemory))
    }
  }

  /// The one node that an address is bound to; nil where its policy is another one.
  public static func binding(at address: UInt) throws(SystemError) -> Int? {
    var mode: Int32 = 0
    var mask = [UInt](repeating: 0, count: words)
    let place = unsafe UnsafeMutableRawPointer(bitPattern: address)
    let code = unsafe get_mempolicy(&mode, &mask, UInt(words * UInt.bitWidth), place, UInt32(MPOL_F_ADDR))
    guard code == 0 else {
      throw SystemError(
        "read a memory policy", Errno(rawValue: nm_numa_errno()), advice: filterAdvice(.memoryPolicy))
    }
    let nodes = mask.enumerated().flatMap { word, bits in
      (0..<UInt.bitWidth).filter { bits >> UInt($0) & 1 == 1 }.map { word * UInt.bitWidth + $0 }
    }
    return mode == MPOL_BIND && nodes.count == 1 ? nodes[0] : nil
  }

  /// On which nodes the present pages of some ranges lie: sampled pages by node. Absent pages count nowhere.
  /// - Parameters:
  ///   - ranges: addresses of this process, in pages of 4 KiB.
  ///   - samples: most pages to ask about, spread evenly; asking costs some tens of nanoseconds a page.
  public static func census(_ ranges: [Range<UInt>], samples: Int = 4096) throws(SystemError) -> [Int: Int] {
    let pages = ranges.reduce(0) { $0 + $1.count / 4096 }
    let step = UInt(max(1, pages / max(1, samples))) * 4096
    var places: [UnsafeMutableRawPointer?] = unsafe []
    for range in ranges {
      for address in stride(from: range.lowerBound, to: range.upperBound, by: Int(step)) {
        unsafe places.append(UnsafeMutableRawPointer(bitPattern: address))
      }
    }
    guard unsafe !places.isEmpty else { return [:] }
    var status = [Int32](repeating: -1, count: unsafe places.count)
    // Without target nodes nothing is moved: the kernel only says where each page is, or a negative errno.
    let code = unsafe move_pages(0, UInt(places.count), &places, nil, &status, 0)
    guard code >= 0 else {
      throw SystemError("ask where memory lies", Errno(rawValue: nm_numa_errno()), advice: filterAdvice(.movePages))
    }
    var counts: [Int: Int] = [:]
    for node in status where node >= 0 { counts[Int(node), default: 0] += 1 }
    return counts
  }

  /// What to do about a container's filter, where one is in the way: the capability lets Docker's own through.
  private static func filterAdvice(_ call: SystemCallFilter.Call) -> String? {
    guard SystemCallFilter.refuses(call) else { return nil }
    return "\(SystemCallFilter.reason(call)): allow it with --cap-add SYS_NICE."
  }

  /// Bytes of free memory of a node.
  public static func free(on node: Int, files: HostFiles = HostFiles()) throws(Unavailable) -> UInt64 {
    try files.memoryField("MemFree", in: "/sys/devices/system/node/node\(node)/meminfo")
  }
}
