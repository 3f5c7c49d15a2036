import LinuxSystem
import Storage

/// Memory for requests, page-aligned.
struct TestBuffer: ~Copyable {
  private let mapping: Mapping
  let count: Int
  var bytes: UnsafeMutableRawBufferPointer { unsafe UnsafeMutableRawBufferPointer(start: mapping.base, count: count) }

  init(_ count: Int) throws {
    self.count = count
    mapping = try Mapping.anonymous(count: count)
  }

  func mismatch(firstSector: UInt64, seed: UInt64) -> UInt64? {
    unsafe DiskPattern.firstMismatch(in: UnsafeRawBufferPointer(bytes), firstSector: firstSector, seed: seed)
  }
}
