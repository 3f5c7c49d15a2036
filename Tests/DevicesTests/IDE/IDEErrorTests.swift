import Devices
import Storage
import Testing

@Suite struct IDEErrorTests {
  @Test(arguments: [0x00, 0x10, 0xa0, 0xa1, 0xb0, 0xff] as [UInt8])
  func commandsThatTheDriveDoesNotKnowAreAborted(code: UInt8) throws {
    let guest = try IDEGuest()
    guest.command(code)
    #expect(guest.status == 0x51)
    #expect(guest.error == 0x04)
    guest.command(0xe7)
    #expect(guest.status == 0x50, "the next command clears the error")
  }

  @Test func readMultipleWithoutSETMultipleIsAborted() throws {
    let guest = try IDEGuest()
    guest.command(0xc4, count: 1)
    #expect(guest.status == 0x51)
    #expect(guest.error == 0x04)
  }

  @Test(arguments: [0x20, 0x30, 0x40, 0xc8, 0xca] as [UInt8])
  func aRangePastTheEndIsNotFoundAndNothingOfItIsMoved(code: UInt8) throws {
    let guest = try IDEGuest(sectors: 1000)
    guest.command(code, sector: 999, count: 2)
    #expect(guest.status == 0x51)
    #expect(guest.error == 0x10)
    guest.command(code, sector: 1000, count: 1)
    #expect(guest.error == 0x10)
    #expect(guest.store.requests.isEmpty)
  }

  @Test func aBadSectorEndsAReadThereAndTheReasonIsKept() throws {
    let guest = try IDEGuest()
    guest.store.badSectors = [0x1_0203: 5, 22: 5]
    #expect(guest.readByPort(0x20, sector: 20, count: 8).count == 1024)
    #expect(guest.status == 0x51)
    #expect(guest.error == 0x40)
    #expect(guest.input(0x1f3) == 22)
    #expect(guest.input(0x1f2) == 6)
    let failure = try #require(guest.controller.firstFailure)
    #expect(failure.code == 5)
    #expect(failure.description == "disk read of 512 bytes at 11264: Input/output error")
    #expect(guest.controller.counters.errors == 1)
  }

  @Test(arguments: [28, 30] as [Int32])
  func aFullDiskAndAReadOnlyOneAbortWritesAndNameTheReason(code: Int32) throws {
    let guest = try IDEGuest()
    if code == 30 { guest.store.isReadOnly = true } else { guest.store.badSectors = [3: code] }
    guest.writeByPort(0x30, sector: 3, pattern(512))
    #expect(guest.status == 0x51)
    #expect(guest.error == 0x04)
    #expect(guest.controller.firstFailure?.code == code)
    #expect(guest.controller.firstFailure?.operation == .write)
    #expect(guest.store.sectors.isEmpty)
  }

  @Test func aFlushThatFailsIsAnErrorAlsoBehindAWriteWithoutCache() throws {
    let guest = try IDEGuest()
    guest.command(0xef, feature: 0x82)
    guest.store.flushError = 5
    guest.command(0xe7)
    #expect(guest.status == 0x51)
    guest.writeByPort(0x30, sector: 0, pattern(512))
    #expect(guest.status == 0x51)
    #expect(guest.controller.firstFailure?.description == "disk flush: Input/output error")
  }

  @Test func anExtendedErrorAddressComesBackInBothHalvesOfTheRegisters() throws {
    let guest = try IDEGuest(sectors: 1 << 40)
    guest.store.badSectors = [0x12_3456_789a: 5]
    guest.command(0x24, sector: 0x12_3456_789a, count: 1, extended: true)
    #expect(guest.status == 0x51)
    #expect([0x1f3, 0x1f4, 0x1f5].map { guest.input($0) } == [0x9a, 0x78, 0x56])
    guest.output(0x3f6, 0x80)
    #expect([0x1f3, 0x1f4, 0x1f5].map { guest.input($0) } == [0x34, 0x12, 0])
  }

  @Test func theAbsentSecondDriveShowsZeroStatusAndTakesNoCommands() throws {
    let guest = try IDEGuest()
    guest.output(0x1f6, 0xb0)
    guest.output(0x1f7, 0xec)
    #expect(guest.status == 0)
    #expect(guest.alternateStatus == 0)
    guest.output(0x1f6, 0xa0)
    #expect(guest.status == 0x50, "the command went nowhere")
  }
}
