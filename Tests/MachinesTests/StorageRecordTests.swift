import Glibc
import LinuxSystem
import Results
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

  @Test func whatIsNotThereIsNoRecord() { #expect(StorageRecord(path: "/nowhere/at/all") == nil) }
}
