import Definitions
import Foundation
import Images
import LinuxSystem
import Results
import Storage
import Testing

@testable import Machines

/// The disk of a leg, in whatever format it is asked for, made for the run or there before it.
@Suite struct LegDiskTests {
  private let folder = "/var/tmp/nearmetal-leg-disks-\(UUID().uuidString)"

  private func withFolder(_ body: (String) throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func entry(_ parameters: String, _ id: String = "block.randread") throws -> SuiteEntry {
    try suite(parameters, id).entries[0]
  }

  private func suite(_ parameters: String, _ id: String = "block.randread") throws -> Suite {
    try SuiteReader.parse("name: s\nworkloads: [{id: \(id), parameters: \(parameters)}]\n", path: "s.yaml")
  }

  private static let seed: UInt64 = 11

  private func read(_ backing: BackingSpecification, at sector: UInt64) throws -> [UInt8] {
    var engine = try backing.open()
    var bytes = [UInt8](repeating: 0, count: 4096)
    let error = unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe engine.submit(
        StorageRequest(.read, token: 1, offset: sector * 512, count: 4096, buffer: buffer.baseAddress))?.error
    }
    #expect(error == 0)
    return bytes
  }

  private func expected(_ sector: UInt64) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    unsafe bytes.withUnsafeMutableBytes { unsafe DiskPattern.fill($0, firstSector: sector, seed: Self.seed) }
    return bytes
  }

  @Test func everyFormatHoldsTheRunsPatternAndIsSeenByNobody() throws {
    try withFolder { folder in
      var disks: [DiskSpecification] = []
      for format in DiskSpecification.Format.allCases {
        disks.append(try #require(entry("{backing: file, format: \(format.rawValue)}").disk))
      }
      for format in ["vhd-differencing", "vmdk", "qcow2"] {
        disks.append(try #require(entry("{backing: file, format: \(format), allocated: none}").disk))
      }
      #expect(disks.count == DiskSpecification.Format.allCases.count + 3)
      let run = try RunDisk(path: "\(folder)/x", size: 4 << 20, seed: Self.seed, images: Set(disks.map(\.image)))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
      for disk in disks {
        let leg = try run.leg(disk)
        #expect(try read(leg.backing, at: 4100) == expected(4100), "\(disk.image)")
        #expect((leg.peer.obstacle == nil) == (disk.image.format != .differencingVHD), "\(disk.image)")
        #expect(!leg.peer.descriptors.isEmpty)
      }
    }
  }

  @Test func legsThatAllocateHaveImagesOfTheirOwn() throws {
    try withFolder { folder in
      let disk = try #require(entry("{backing: file, format: qcow2, allocated: none}", "block.randwrite").disk)
      let run = try RunDisk(path: "\(folder)/x", size: 4 << 20, seed: Self.seed, images: [disk.image])
      let (one, other) = (try run.leg(disk), try run.leg(disk))
      var bytes = [UInt8](repeating: 7, count: 4096)
      do {
        var engine = try one.backing.open()
        let error = unsafe bytes.withUnsafeMutableBytes { buffer in
          unsafe engine.submit(
            StorageRequest(.write, token: 1, offset: 0, count: 4096, buffer: buffer.baseAddress))?.error
        }
        #expect(error == 0)
      }
      #expect(try read(one.backing, at: 0) == bytes)
      #expect(try read(other.backing, at: 0) == expected(0))
      #expect(try read(run.leg(try #require(entry("{backing: file}").disk)).backing, at: 0) == expected(0))
    }
  }

  private func image(_ folder: String) throws -> String {
    let path = "\(folder)/user,s disk.qcow2"
    try ImageCreation.create(path, ImageOptions(.qcow2, path: path), size: 8 << 20)
    return path
  }

  @Test func aGivenImageIsReadOnlyUnlessTold() throws {
    try withFolder { folder in
      let path = try image(folder)
      let disk = try GivenDisk(path, format: nil, isWritable: false, allowsParentsAnywhere: false)
      #expect(disk.record == ImageRecord(path: path, format: "qcow2", size: 8 << 20, isWritable: false))
      #expect(disk.obstacle(try suite("{backing: file}")) == nil)
      let refusal = disk.obstacle(try suite("{backing: file}", "block.mixed"))
      #expect(refusal?.contains("block.mixed backing=file writes; --image-writable") == true, "\(refusal ?? "")")
      #expect(disk.obstacle(try suite("{backing: memory}"))?.contains("uses a disk in a file") == true)
      #expect(disk.obstacle(try suite("{format: qcow2}"))?.contains("has its own") == true)
      let leg = disk.leg(try #require(entry("{backing: file}").disk))
      #expect(leg.isReadOnly && leg.peer.driver == "qcow2" && leg.peer.path == path)
      #expect(try leg.backing.open(readOnly: leg.isReadOnly).isReadOnly)
    }
  }

  @Test func aGivenImageIsLockedForAsLongAsTheRunHasIt() throws {
    try withFolder { folder in
      let path = try image(folder)
      do {
        let disk = try GivenDisk(path, format: nil, isWritable: true, allowsParentsAnywhere: false)
        #expect(throws: ImageError.self) {
          try GivenDisk(path, format: nil, isWritable: false, allowsParentsAnywhere: false)
        }
        #expect(try disk.leg(#require(entry("{backing: file}").disk)).backing.open().isReadOnly == false)
        withExtendedLifetime(disk) {}
      }
      let (one, other) = (
        try GivenDisk(path, format: nil, isWritable: false, allowsParentsAnywhere: false),
        try GivenDisk(path, format: nil, isWritable: false, allowsParentsAnywhere: false)
      )
      #expect(throws: ImageError.self) {
        try GivenDisk(path, format: nil, isWritable: true, allowsParentsAnywhere: false)
      }
      withExtendedLifetime((one, other)) {}
    }
  }
}
