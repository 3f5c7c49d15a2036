import CLinux
import Kernels
import LinuxSystem
import Storage
import TestSupport

/// A disk image of 16 MiB, prepared with the pattern, in a file that goes with it.
struct TestDisk: ~Copyable {
  static let seed: UInt64 = 11
  private static let size = 16 << 20
  private static let sectorSize = 512

  private static let prepared: [UInt8] = {
    var bytes = [UInt8](repeating: 0, count: size)
    unsafe bytes.withUnsafeMutableBytes { unsafe Storage.DiskPattern.fill($0, firstSector: 0, seed: seed) }
    return bytes
  }()

  private let file: TemporaryFile
  var path: String { file.path }

  /// - Parameter corrupted: a byte of the image that is not what it should be.
  init(corrupted: Int? = nil) throws {
    var bytes = Self.prepared
    if let corrupted { bytes[corrupted] ^= 0x10 }
    file = try TemporaryFile(bytes, suffix: ".img")
  }

  /// What the image has become, by sector: the number of the job that wrote it, 0 for as it was prepared, nil for
  /// anything else.
  func writers(_ jobs: [(number: UInt32, seed: UInt64)]) throws -> [UInt32?] {
    let descriptor = try Descriptor.open(path, O_RDONLY)
    let mapping = try Mapping.anonymous(count: Self.size)
    var done = 0
    while done < Self.size {
      let count = unsafe pread(descriptor.rawValue, mapping.base + done, Self.size - done, off_t(done))
      guard count > 0 else { break }
      done += count
    }
    let words = unsafe mapping.base.assumingMemoryBound(to: UInt64.self)
    return (0..<UInt64(Self.size / Self.sectorSize)).map { sector in
      let start = Int(sector) * 64
      func holds(_ word: (UInt64) -> UInt64) -> Bool {
        (0..<64).allSatisfy { unsafe words[start + $0] == word(UInt64($0)) }
      }
      if holds({ Kernels.DiskPattern.word($0, sector: sector, seed: Self.seed, generation: 0) }) { return 0 }
      return jobs.first { job in
        let generation = UInt64(job.number) + 1
        return holds { Kernels.DiskPattern.writtenWord($0, sector: sector, seed: job.seed, generation: generation) }
      }?.number
    }
  }
}
