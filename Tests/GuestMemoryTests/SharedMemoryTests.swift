import CLinux
import Glibc
import GuestMemory
import LinuxSystem
import Testing

/// RAM that another process maps too, by its file.
@Suite struct SharedMemoryTests {
  @Test func whatTheGuestHasIsInTheFileOnBothSidesOfTheHole() throws {
    let memory = try GuestMemory(size: 4 << 30, pages: .small, isShared: true)
    let file = try #require(memory.file)
    let (low, high) = (GuestAddress(0x1000), GuestAddress(GuestWindow.highBase + 8))
    try memory.store(UInt32(0x1122_3344), at: low)
    try memory.store(UInt32(0x5566_7788), at: high)
    for (offset, expected) in [(0x1000, 0x1122_3344), (3 << 30 + 8, 0x5566_7788)] as [(Int, UInt32)] {
      var value: UInt32 = 0
      #expect(unsafe pread(file, &value, 4, offset) == 4 && value == expected)
    }
    let other = try Mapping.shared(file, count: 0x2000)
    unsafe other.base.storeBytes(of: 99, toByteOffset: 0x1000, as: UInt32.self)
    #expect(try memory.load(low, as: UInt32.self) == 99)
  }

  @Test func itsSizeStaysWhoeverHasTheFile() throws {
    let memory = try GuestMemory(size: 4 << 20, pages: .small, isShared: true)
    let file = try #require(memory.file)
    #expect(ftruncate(file, 4096) != 0 && nm_errno() == EPERM)
    #expect(ftruncate(file, 8 << 20) != 0 && nm_errno() == EPERM)
    #expect(Glibc.fcntl(file, F_ADD_SEALS, F_SEAL_WRITE) != 0, "nor can anybody seal more")
  }

  @Test func otherRAMIsNobodyElses() throws {
    #expect(try GuestMemory(size: 4 << 20, pages: .small).file == nil)
  }
}
