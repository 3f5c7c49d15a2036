import Devices
import Testing

@Suite struct PowerManagementTests {
  private final class Machine {
    var now: UInt64 = 0
    var offs = 0
  }

  private let machine = Machine()
  private let device: PowerManagement

  init() {
    let machine = machine
    device = PowerManagement(offType: 5, now: { machine.now }, powerOff: { machine.offs += 1 })
  }

  @Test func theSleepTypeThatMeansOffTurnsTheMachineOff() {
    device.write(4, width: .word, value: 5 << 10 | 1)
    #expect(machine.offs == 0)
    device.write(4, width: .word, value: 5 << 10 | 1 << 13)
    #expect(machine.offs == 1)
    #expect(device.read(4, width: .word) == 5 << 10 | 1)
  }

  @Test(arguments: [0, 1, 3, 4, 6, 7] as [UInt64])
  func otherSleepTypesDoNothing(type: UInt64) {
    device.write(4, width: .word, value: type << 10 | 1 << 13)
    #expect(machine.offs == 0)
  }

  @Test func theTimerCounts3579545ASecond() {
    #expect(device.read(8, width: .long) == 0)
    machine.now = 1_000_000_000
    #expect(device.read(8, width: .long) == 3_579_545)
    machine.now = 3_600_000_000_000
    #expect(device.read(8, width: .long) == 3_579_545 * 3600 % (1 << 32))
    machine.now = .max
    _ = device.read(8, width: .long)
  }

  @Test func theTimerNeverGoesBackwards() {
    var last: UInt64 = 0
    for step in 0..<10_000 as Range<UInt64> {
      machine.now = step * 99_999
      let ticks = device.read(8, width: .long)
      #expect(ticks >= last)
      last = ticks
    }
  }

  @Test func eventsNeverHappenAndTheirMaskIsKept() {
    device.write(0, width: .long, value: 0x0100_ffff)
    #expect(device.read(0, width: .word) == 0)
    #expect(device.read(2, width: .word) == 0x0100)
  }

  @Test func theMachineIsInACPIModeFromTheBeginning() {
    #expect(device.read(4, width: .word) & 1 == 1)
    device.write(4, width: .word, value: 0)
    #expect(device.read(4, width: .word) & 1 == 1)
  }
}
