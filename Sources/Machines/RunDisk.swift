import CLinux
import Definitions
import LinuxSystem
import Storage

/// The disk image of a run: made with the verification pattern before the first leg. It has no name, so that no other process
/// can share it, nothing can be put in its place, and nothing is left behind, however the run ends.
public final class RunDisk: Sendable {
  /// By which this process opens it; see `UnnamedFile`.
  public let path: String
  /// The image itself, to be handed to a child.
  let file: Descriptor
  /// The folder that it was made in, for messages.
  private let folder: String
  /// Bytes.
  public let size: UInt64
  /// Seed of the pattern that it was made with.
  public let seed: UInt64

  /// Writes the image. Blocks for as long as that takes.
  /// - Parameter path: names the folder that it is made in, by a file there.
  public init(path: String, size: UInt64, seed: UInt64) throws(SystemError) {
    folder = AtomicFile.directory(of: path)
    file = try UnnamedFile.make(in: folder)
    self.path = UnnamedFile.path(file.rawValue)
    self.size = size
    self.seed = seed
    try DiskImage.prepare(file, path: "in \(folder)", size: size, seed: seed)
  }

  /// Where earlier versions had the image of a process's run; its folder is where this one makes it.
  public static func path(in directory: String, process: Int32) -> String {
    "\(directory)/nearmetal-disk-\(process).img"
  }

  /// What is wrong with the image by now; nil while it is as large as it was made.
  public var problem: String? {
    var status = stat()
    guard unsafe fstat(file.rawValue, &status) == 0 else { return "the disk image in \(folder) is gone" }
    let found = UInt64(status.st_size)
    return found == size ? nil : "the disk image in \(folder) has \(found) bytes; it was made with \(size)"
  }

  /// What a disk of a specification is backed by.
  func backing(_ disk: DiskSpecification) -> BackingSpecification {
    switch disk.backing {
    case .null: .null(size: size)
    case .memory: .memory(size: size, seed: seed)
    case .file: .file(path: path)
    case .direct: .direct(path: path)
    }
  }
}
