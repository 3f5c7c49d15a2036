import CLinux
import LinuxSystem
import SystemPackage

/// On which NUMA node a device hangs.
public enum DeviceNode {
  /// The node of the disk below a path's file system.
  /// - Throws: `Unavailable` for file systems without a device (tmpfs, overlay, network) and devices that tell no node, as
  ///   virtual ones and those of hosts with one node do.
  public static func disk(of path: String, files: HostFiles = HostFiles()) throws(Unavailable) -> Int {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw Unavailable("\(path): \(Errno(rawValue: nm_errno()))") }
    // glibc's gnu_dev_major and gnu_dev_minor for numbers that fit what the kernel gives out.
    let device = UInt64(status.st_dev)
    let (major, minor) = ((device >> 8) & 0xfff, (device & 0xff) | ((device >> 12) & 0xfff00))
    let link = "/sys/dev/block/\(major):\(minor)"
    guard files.exists(link) else { throw Unavailable("\(path) lies on no block device") }
    return try node(of: files.target(ofLink: link), files: files)
  }

  /// The node of the nearest device at or above a folder of `/sys/devices` that tells one.
  static func node(of folder: String, files: HostFiles) throws(Unavailable) -> Int {
    let parts = folder.split(separator: "/")
    for depth in stride(from: parts.count, to: 2, by: -1) {
      let path = parts.prefix(depth).map { "/\($0)" }.joined()
      // -1 is a device that tells no node.
      if let node = try? files.integer("\(path)/numa_node"), node >= 0 { return node }
    }
    throw Unavailable("no device at or above \(folder) tells a NUMA node")
  }
}
