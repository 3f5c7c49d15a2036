import Testing

@testable import Devices

@Suite struct E1000InterruptTests {
  typealias R = E1000Guest.R

  @Test func causesThatAreWantedRaiseTheLineOnceUntilTheCausesAreRead() throws {
    let guest = try E1000Guest()
    guest.write(R.ics, 4)
    #expect(guest.line.pulses == 0)
    guest.write(R.ims, 4 | 0x80)
    #expect(guest.line.pulses == 1)
    guest.write(R.ics, 0x80)
    #expect(guest.line.pulses == 1)
    #expect(guest.read(R.icr) == 0x84)
    #expect(guest.read(R.icr) == 0)
    guest.write(R.ics, 1)
    #expect(guest.line.pulses == 1)
    guest.write(R.ics, 0x80)
    #expect(guest.line.pulses == 2)
    #expect(guest.read(R.icr) == 0x81)
  }

  @Test func aMaskThatFallsLowersTheLineOneThatRisesOverACauseRaisesIt() throws {
    let guest = try E1000Guest()
    guest.write(R.ims, 0x80)
    guest.write(R.ics, 0x80)
    guest.write(R.imc, 0xffff_ffff)
    #expect(guest.read(R.ims) == 0)
    guest.write(R.ims, 0x80)
    #expect(guest.line.pulses == 2)
    guest.write(R.icr, 0x80)
    guest.write(R.ics, 0x80)
    #expect(guest.line.pulses == 3)
  }

  @Test func aFunctionWhoseLineIsDisabledRaisesNothing() throws {
    let guest = try E1000Guest()
    guest.machine.setConfiguration(0x04, .word, 0x407)
    guest.write(R.ims, 4)
    guest.write(R.ics, 4)
    #expect(guest.line.pulses == 0)
  }

  @Test func throttlingPutsARiseOffUntilTheIntervalHasPassed() {
    let state = InterruptState()
    state.throttle(100)
    #expect(state.unmask(0x80, now: 1) == false)
    #expect(state.set(0x80, now: 1000))
    #expect(state.acknowledge() == 0x80)
    #expect(!state.set(0x80, now: 2000))
    #expect(state.due == 1000 + 25600)
    #expect(!state.expire(now: 26599))
    #expect(state.expire(now: 26600))
    #expect(state.due == nil)
    #expect(state.acknowledge() == 0x80)
    #expect(!state.set(0x80, now: 26700))
    // Whoever reads the causes meanwhile has no use for the interrupt.
    #expect(state.acknowledge() == 0x80)
    #expect(state.due == nil && !state.expire(now: 1 << 40))
    #expect(state.set(0x80, now: 1 << 40))
    #expect(state.count == 3)
  }

  @Test func packetsInterruptsWaitForTheirTimersTheLastPacketsAtMostTheFirstOnesAbsoluteOne() {
    let state = InterruptState()
    _ = state.unmask(0x81, now: 0)
    #expect(state.received(now: 10))
    _ = state.acknowledge()
    state.setReceiveTimers(10, 15)
    #expect(!state.received(now: 1000))
    #expect(state.due == 1000 + 10240)
    #expect(!state.received(now: 9000))
    #expect(state.due == 1000 + 15360)
    #expect(!state.expire(now: 16359))
    #expect(state.expire(now: 16360))
    #expect(state.acknowledge() == 0x80)
    #expect(!state.received(now: 20000))
    #expect(state.flushReceived(now: 20001))
    _ = state.acknowledge()
    #expect(!state.flushReceived(now: 20002))
    state.setTransmitTimer(4)
    #expect(!state.sent(mayWait: true, now: 30000))
    #expect(state.sent(mayWait: false, now: 30001))
    #expect(state.due == nil)
    #expect(state.acknowledge() == 1)
  }
}
