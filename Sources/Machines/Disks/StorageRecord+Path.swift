import CLinux
import Glibc
import LinuxSystem
import Results
import Storage

extension StorageRecord {
  /// File systems whose files are memory.
  private static let inMemory: Set = ["tmpfs", "ramfs", "hugetlbfs", "rootfs"]

  /// What a file or a block device lies on; nil where it cannot be looked at.
  /// - Parameters:
  ///   - path: of a file that is there.
  ///   - files: where the kernel's word on mounts and block devices is read.
  public init?(path: String, files: HostFiles = HostFiles()) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    let isDevice = status.st_mode & S_IFMT == S_IFBLK
    let number = Self.number(UInt64(isDevice ? status.st_rdev : status.st_dev))
    let filesystem = isDevice ? nil : Self.filesystem(number, files)
    var alignment: Int?
    if let file = try? Descriptor.open(path, O_RDONLY | O_DIRECT) {
      alignment = (try? DirectAlignment.of(file.rawValue, path: path))?.offset
    }
    self.init(
      filesystem: filesystem, sector: Self.sector(number, files), directAlignment: alignment,
      isDirectReal: alignment != nil && !(filesystem.map(Self.inMemory.contains) ?? false))
  }

  /// Reasons to doubt a leg whose requests go past the page cache.
  /// - Parameter requestSize: bytes.
  func doubts(requestSize: UInt64) -> [String] {
    var doubts: [String] = []
    if let directAlignment, requestSize % UInt64(directAlignment) != 0 {
      doubts.append(
        "requests of \(requestSize) bytes are no multiple of the \(directAlignment) that this disk takes past the page cache: "
          + "each was bounced through a buffer, one at a time")
    }
    if !isDirectReal {
      doubts.append("direct requests reach no device: the files are in memory (\(filesystem ?? "no file system"))")
    }
    return doubts
  }

  /// A device's number as sysfs and mountinfo have it (glibc's gnu_dev_major and gnu_dev_minor).
  private static func number(_ device: UInt64) -> String {
    "\((device >> 8) & 0xfff | (device >> 32) & ~0xfff):\((device & 0xff) | ((device >> 12) & 0xfff00))"
  }

  /// The type of the file system on a device (proc(5), /proc/pid/mountinfo).
  private static func filesystem(_ number: String, _ files: HostFiles) -> String? {
    for line in (try? files.lines("/proc/self/mountinfo")) ?? [] {
      let words = line.split(separator: " ")
      guard words.count > 6, words[2] == number, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else {
        continue
      }
      return String(words[dash + 1])
    }
    return nil
  }

  /// A partition has no queue of its own.
  private static func sector(_ number: String, _ files: HostFiles) -> Int? {
    ["queue", "../queue"].lazy.compactMap {
      try? files.integer("/sys/dev/block/\(number)/\($0)/logical_block_size")
    }.first
  }
}
