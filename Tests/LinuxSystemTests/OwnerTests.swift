import CLinux
import Glibc
import LinuxSystem
import SystemPackage
import Testing

@Suite struct OwnerTests {
  @Test func aDuplicateIsAnotherDescriptorOfTheSameFile() throws {
    let counter = try EventCounter(nonBlocking: true)
    let copy = try counter.descriptor.duplicate()
    #expect(copy.rawValue != counter.rawValue)
    var five: UInt64 = 5
    #expect(unsafe write(copy.rawValue, &five, 8) == 8)
    let rings = counter.take()
    #expect(rings == 5)
    let ringsAfterwards = counter.take()
    #expect(ringsAfterwards == nil)
  }

  @Test func aDescriptorIsClosedWithItsOwner() throws {
    // A pipe tells: its reading end sees the end once the last writing end is closed.
    var ends: [Int32] = [0, 0]
    #expect(unsafe pipe2(&ends, O_CLOEXEC) == 0)
    let reading = Descriptor(owning: ends[0])
    do {
      let writing = Descriptor(owning: ends[1])
      #expect(writing.rawValue == ends[1])
    }
    var byte: UInt8 = 0
    #expect(unsafe read(reading.rawValue, &byte, 1) == 0)
  }

  @Test func aMissingFileIsAnErrorWithItsPathAndAdvice() {
    let error = #expect(throws: SystemError.self) {
      _ = try Descriptor.open("/nowhere", O_RDONLY) { $0 == .noSuchFileOrDirectory ? "Make it." : nil }
    }
    #expect(error?.description == "cannot open /nowhere: No such file or directory. Make it.")
  }

  @Test(arguments: [(1, 4096), (5000, 8192), (4096, 4096), (4097, 2 << 20), (3 << 20, 2 << 20)])
  func mappingsAreAlignedZeroedAndAsLongAsAsked(count: Int, alignment: Int) throws {
    let mapping = try Mapping.anonymous(count: count, alignment: alignment)
    let base = unsafe UInt(bitPattern: mapping.base)
    #expect(base % UInt(alignment) == 0)
    #expect(mapping.count == count)
    let isZero = unsafe UnsafeRawBufferPointer(start: mapping.base, count: count).allSatisfy { $0 == 0 }
    #expect(isZero)
  }

  /// Reserving for an alignment takes more addresses than asked for; they are given back, also where the length is no
  /// whole number of pages.
  @Test(arguments: [5000, 4096, 3 << 20])
  func mappingsLeaveNoAddressesBehind(count: Int) throws {
    // Other tests map and unmap gigabytes meanwhile: what leaks, leaks in every attempt, about 1 MiB a mapping.
    let growths = try (0..<20).map { _ in
      let before = try Self.addressSpace()
      for _ in 0..<200 { _ = try Mapping.anonymous(count: count, alignment: 2 << 20) }
      return try Self.addressSpace() - before
    }
    #expect(growths.sorted()[10] < 50 << 20)
  }

  @Test func aMemoryFileIsOpenedByItsDescriptorAlone() throws {
    let file = try UnnamedFile.inMemory(Array("jobs".utf8))
    #expect(try String(contentsOfProcessFile: UnnamedFile.path(file.rawValue)) == "jobs")
    var status = stat()
    #expect(unsafe fstat(file.rawValue, &status) == 0)
    #expect(status.st_nlink == 0)
  }

  /// Bytes of address space that this process has taken.
  private static func addressSpace() throws -> Int {
    let pages = try String(contentsOfProcessFile: "/proc/self/statm").split(separator: " ").first.flatMap { Int($0) }
    return try #require(pages) * 4096
  }
}
