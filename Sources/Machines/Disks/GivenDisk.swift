import Definitions
import Images
import LinuxSystem
import Results
import Storage

/// A disk that was there before the run: an image of any format, or a block device. What it holds is nobody's pattern, so nothing is
/// verified. It is locked against whoever else would write it, or, where legs write it, use it.
public final class GivenDisk: Sendable {
  public let path: String
  public let format: ImageFormat
  /// Bytes.
  public let size: UInt64
  /// Whether legs may write it.
  public let isWritable: Bool
  private let held: HeldImage

  /// - Parameters:
  ///   - path: an image's file, or a block device.
  ///   - format: nil has the file's own bytes say it.
  ///   - isWritable: whether it is opened for writing; the disk of a guest is for reading only otherwise.
  ///   - anywhere: whether parents may be outside the image's folder.
  /// - Throws: `ImageError`, one line: no such file, no image that can be had, somebody else's.
  public init(
    _ path: String, format: ImageFormat?, isWritable: Bool, allowsParentsAnywhere anywhere: Bool
  ) throws(ImageError) {
    held = try HeldImage(path, OpenOptions(format: format, readOnly: !isWritable, allowsParentsAnywhere: anywhere))
    self.path = path
    self.format = held.format
    size = held.size
    self.isWritable = isWritable
  }

  /// Whether writing it may change more than the bytes that are written.
  var mayAllocate: Bool { isWritable && held.mayAllocate }

  /// What a result says of it.
  public var record: ImageRecord {
    ImageRecord(path: path, format: format.rawValue, size: size, isWritable: isWritable)
  }

  /// A suite's workloads that have to do with it, or with no disk: those whose disk is a piece of memory, or nothing, are left out.
  public static func entries(of suite: Suite) -> [SuiteEntry] {
    suite.entries.filter { $0.disk?.backing.usesFile ?? true }
  }

  /// Why a suite cannot be measured on it; nil where it can.
  public func obstacle(_ suite: Suite) -> String? {
    let entries = suite.entries.filter { $0.disk?.backing.usesFile ?? false }
    guard !entries.isEmpty else { return "no workload of the suite \(suite.name) uses a disk in a file" }
    if let entry = entries.first(where: { $0.disk?.image != .raw }) {
      return "\(entry.workload) asks for a format; an image that is there has its own"
    }
    if format != .raw,
      let entry = entries.first(where: { ($0.disk?.concurrency).map { $0.vcpus > 1 || $0.ioThreads > 1 } ?? false })
    {
      return "\(entry.workload) has several threads at the disk; an image of format \(format.rawValue) takes one"
    }
    if !isWritable, let entry = entries.first(where: \.definition.writes) {
      return "\(path) is for reading only, and \(entry.workload) writes; --image-writable gives its content up"
    }
    return nil
  }

  func leg(_ disk: DiskSpecification) -> LegDisk {
    let isDirect = disk.backing == .direct
    var peer = LegDisk.Peer(driver: format.rawValue, path: path, extents: held.extentCount)
    if held.isUnknownToQEMU { peer.obstacle = "QEMU has no differencing VHDs" }
    return LegDisk(backing: held.backing(isDirect: isDirect), isReadOnly: !isWritable, peer: peer)
  }
}
