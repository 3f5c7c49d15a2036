import CLinux
import LinuxSystem
import Storage

/// The disk image of a run: made with the verification pattern before the first leg, removed after the last one.
final class RunDisk: Sendable {
  let path: String
  /// Bytes.
  let size: UInt64
  /// Seed of the pattern that it was made with.
  let seed: UInt64

  /// Writes the image. Blocks for as long as that takes.
  init(path: String, size: UInt64, seed: UInt64) throws(SystemError) {
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

  /// The backing of a workload's `backing` parameter.
  func backing(_ name: String?) -> BackingSpecification {
    switch name {
    case "null": .null(size: size)
    case "memory": .memory(size: size, seed: seed)
    case "file": .file(path: path)
    default: .direct(path: path)
    }
  }
}
