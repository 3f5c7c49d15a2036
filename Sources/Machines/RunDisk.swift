import CLinux
import Definitions
import LinuxSystem
import Storage

/// The disk image of a run: made with the verification pattern before the first leg, removed after the last one.
public final class RunDisk: Sendable {
  public let path: String
  /// Bytes.
  public let size: UInt64
  /// Seed of the pattern that it was made with.
  public let seed: UInt64

  /// Writes the image. Blocks for as long as that takes.
  public init(path: String, size: UInt64, seed: UInt64) throws(SystemError) {
    self.path = path
    self.size = size
    self.seed = seed
    do throws(SystemError) {
      try DiskImage.prepare(path: path, size: size, seed: seed)
    } catch {
      // A disk that filled up half-way leaves nothing behind.
      _ = unsafe unlink(path)
      throw error
    }
  }

  deinit {
    _ = unsafe unlink(path)
  }

  /// The disk image of a process's run, which removes it at its end.
  public static func path(in directory: String, process: Int32) -> String {
    "\(directory)/nearmetal-disk-\(process).img"
  }

  /// What is wrong with the image by now; nil while it is as large as it was made.
  public var problem: String? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return "the disk image \(path) is gone" }
    let found = UInt64(status.st_size)
    return found == size ? nil : "the disk image \(path) has \(found) bytes; it was made with \(size)"
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
