import Devices
import GuestMemory
import Testing

@Suite struct IDEServiceTimeTests {
  @Test func eachRegionOfATransferIsOneRequestOfTheEngineAndADriveThatWasAskedNothingHasNoMedian() throws {
    let guest = try IDEGuest()
    #expect(guest.controller.medianServiceTime == nil)
    try guest.writeTable([(0x2_0000, 2048), (0x6_0000, 2048)])
    #expect(guest.runDMA(0xc8, sector: 0, count: 8, extended: false, reads: true) == 4)
    guest.stopDMA()
    #expect(guest.controller.counters.engineRequests == 2)
    #expect(guest.controller.medianServiceTime != nil)
  }
}
