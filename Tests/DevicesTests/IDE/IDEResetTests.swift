import Devices
import Testing

@Suite struct IDEResetTests {
  private func signature(_ guest: IDEGuest) -> [UInt64] { (0x1f1...0x1f6).map { guest.input($0) } }
  private let diskSignature: [UInt64] = [1, 1, 1, 0, 0, 0xa0]

  @Test func aDriveOutOfResetShowsADisksSignature() throws {
    let guest = try IDEGuest()
    #expect(signature(guest) == diskSignature)
    #expect(guest.status == 0x50)
  }

  @Test func aSoftResetInFlightEndsTheTransferAndMakesTheDriveBusyWhileItLasts() throws {
    let guest = try IDEGuest()
    guest.command(0x30, sector: 9, count: 2)
    guest.outputWords(pattern(700))
    guest.output(0x3f6, 0x04)
    #expect(guest.status == 0x80)
    guest.output(0x1f7, 0xec)
    #expect(guest.status == 0x80, "no command while busy")
    guest.output(0x3f6, 0x00)

    #expect(guest.status == 0x50)
    #expect(signature(guest) == diskSignature)
    guest.outputWords(pattern(324))
    #expect(guest.store.requests.map(\.offset) == [9 * 512], "the second sector never came")
  }

  @Test(arguments: [0x08, 0x90] as [UInt8])
  func deviceResetAndDiagnosticsEndWithTheSignature(code: UInt8) throws {
    let guest = try IDEGuest()
    if code == 0x08 { guest.command(0x20, sector: 1, count: 2) }
    guest.output(0x1f7, UInt64(code))
    #expect(signature(guest) == diskSignature)
    #expect(guest.status == 0x50)
  }

  @Test func aResetReleasesADMAThatWaitsForItsBusMaster() throws {
    let guest = try IDEGuest()
    guest.command(0xc8, sector: 0, count: 1)
    #expect(guest.status == 0x58)
    guest.output(0x3f6, 0x04)
    guest.output(0x3f6, 0x00)
    try guest.writeTable([(0x10000, 512)])
    guest.output(IDEGuest.busMasterBase, 9)
    #expect(guest.store.requests.isEmpty)
    #expect(guest.status == 0x50)
  }

  @Test func eachBlockReadByPortRaisesOneInterruptTheFirstBlockToWriteRaisesNone() throws {
    let guest = try IDEGuest()
    _ = guest.readByPort(0x20, sector: 0, count: 3)
    #expect(guest.line.take() == 3)
    guest.writeByPort(0x30, sector: 0, pattern(3 * 512))
    _ = guest.status
    #expect(guest.line.take() == 3)
    guest.command(0xe7)
    #expect(guest.line.take() == 1)
  }

  @Test func anInterruptThatNobodyTookByReadingStatusDoesNotRiseAgain() throws {
    let guest = try IDEGuest()
    guest.command(0x20, sector: 0, count: 3)
    #expect(guest.line.take() == 1)
    _ = guest.alternateStatus
    _ = guest.inputWords(512)
    #expect(guest.line.take() == 0, "alternate status clears nothing, so the line is still up")
    _ = guest.status
    _ = guest.inputWords(512)
    #expect(guest.line.take() == 1)
  }

  @Test func disabledInterruptsAreHeldBackAndOneThatWaitsRisesWhenTheyAreEnabled() throws {
    let guest = try IDEGuest()
    guest.output(0x3f6, 0x02)
    guest.command(0xe7)
    #expect(guest.line.take() == 0)
    #expect(guest.masterStatus & 4 == 0)
    guest.output(0x3f6, 0x00)
    #expect(guest.line.take() == 1)

    guest.output(0x3f6, 0x02)
    guest.command(0xe7)
    _ = guest.status
    guest.output(0x3f6, 0x00)
    #expect(guest.line.take() == 0, "status was read in between")
  }
}
