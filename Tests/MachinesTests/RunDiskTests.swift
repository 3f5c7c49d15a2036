import Foundation
import LinuxSystem
import Storage
import Testing

@testable import Machines

/// The image of a run has no name.
@Suite struct RunDiskTests {
  /// Not a memory file system, which may lack O_TMPFILE and O_DIRECT.
  private let folder = "/var/tmp/run disk, with: names=\(UUID().uuidString)"

  private func withFolder(_ body: (String) throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func nothingOfItIsSeenInItsFolder() throws {
    try withFolder { folder in
      let disk = try RunDisk(path: "\(folder)/any.img", size: 1 << 20, seed: 7)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
      #expect(disk.problem == nil)
      let other = try RunDisk(path: "\(folder)/any.img", size: 2 << 20, seed: 8)
      #expect(disk.problem == nil && other.problem == nil)
    }
  }

  @Test func aLinkInItsPlaceIsNotFollowed() throws {
    try withFolder { folder in
      let precious = "\(folder)/precious"
      try AtomicFile.write([1], to: precious)
      let path = RunDisk.path(in: folder, process: getpid())
      #expect(unsafe symlink(precious, path) == 0)
      let disk = try RunDisk(path: path, size: 1 << 20, seed: 7)
      #expect(disk.problem == nil)
      #expect(try AtomicFile.read(precious) == [1])
    }
  }

  @Test func itIsOpenedByItsPathWithFlagsOfItsOwn() throws {
    try withFolder { folder in
      let disk = try RunDisk(path: "\(folder)/any.img", size: 1 << 20, seed: 7)
      for specification in [BackingSpecification.file(path: disk.path), .direct(path: disk.path)] {
        let backing = try specification.open()
        #expect(backing.capacity == 1 << 20)
      }
      #expect(unsafe truncate(disk.path, 512) == 0)
      #expect(disk.problem?.contains("has 512 bytes") == true)
    }
  }
}
