import Glibc
import LinuxSystem
import Results
import TestSupport
import Testing

@testable import Machines

@Suite struct StorageRecordTests {
  @Test func aFileOnADiskHasAFileSystemAndAnAlignment() throws {
    let file = try UnnamedFile.make(in: "/var/tmp")
    #expect(ftruncate(file.rawValue, 1 << 20) == 0)
    let record = try #require(StorageRecord(path: UnnamedFile.path(file.rawValue)))
    #expect(record.filesystem?.isEmpty == false)
    #expect(!record.isDirectReal || record.directAlignment.map { $0 >= 512 } == true)
  }

  @Test func filesInMemoryReachNoDevice() throws {
    let file = try UnnamedFile.make(in: "/dev/shm")
    #expect(ftruncate(file.rawValue, 1 << 20) == 0)
    let record = try #require(StorageRecord(path: UnnamedFile.path(file.rawValue)))
    #expect(record.filesystem == "tmpfs" && record.sector == nil && !record.isDirectReal)
  }

  /// A partition has no queue of its own: its disk's is above it.
  @Test(arguments: ["queue", "../queue"]) func sectorsAreThoseOfTheDeviceBelow(queue: String) throws {
    let file = try UnnamedFile.make(in: "/dev/shm")
    var status = stat()
    #expect(unsafe fstat(file.rawValue, &status) == 0)
    // A file system in memory has a device number of its own as well, which fits into a byte or some more.
    let device = UInt64(status.st_dev)
    let number = "\(device >> 8 & 0xfff):\(device & 0xff | device >> 12 & 0xfff00)"
    let folder = queue == "queue" ? "\(number)/queue" : "queue"
    let host = try HostTreeFolder([
      "/proc/self/mountinfo": "1 0 \(number) / / rw - xfs /dev/sda1 rw\n",
      "/sys/dev/block/\(number)/uevent": "", "/sys/dev/block/\(folder)/logical_block_size": "4096\n",
    ])
    let record = try #require(StorageRecord(path: UnnamedFile.path(file.rawValue), files: host.files))
    #expect(record.sector == 4096 && record.filesystem == "xfs")
  }

  @Test func whatIsNotThereIsNoRecord() { #expect(StorageRecord(path: "/nowhere/at/all") == nil) }

  @Test func requestsThatTheDiskDoesNotTakeAreMarked() {
    let disk = StorageRecord(filesystem: "ext4", sector: 4096, directAlignment: 4096, isDirectReal: true)
    #expect(disk.doubts(requestSize: 4096).isEmpty && disk.doubts(requestSize: 1 << 20).isEmpty)
    #expect(disk.doubts(requestSize: 512).count == 1)
    let memory = StorageRecord(filesystem: "tmpfs", sector: nil, directAlignment: 512, isDirectReal: false)
    #expect(memory.doubts(requestSize: 512).count == 1)
  }
}
