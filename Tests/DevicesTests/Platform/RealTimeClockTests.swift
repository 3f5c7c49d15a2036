import Devices
import Testing

/// The MC146818 as Linux reads and sets it.
@Suite struct RealTimeClockTests {
  private final class Clock {
    var seconds: Int64
    var nanoseconds: Int64 = 0
    init(_ seconds: Int64) { self.seconds = seconds }
  }

  private let clock = Clock(1_709_210_096)  // 2024-02-29 12:34:56, a Thursday
  private let device: RealTimeClock

  init() {
    let clock = clock
    device = RealTimeClock(memory: 512 << 20, now: { clock.seconds * 1_000_000_000 + clock.nanoseconds })
  }

  private func read(_ register: UInt8) -> UInt8 {
    device.write(0, width: .byte, value: UInt64(register))
    return UInt8(device.read(1, width: .byte))
  }

  private func write(_ register: UInt8, _ value: UInt8) {
    device.write(0, width: .byte, value: UInt64(register))
    device.write(1, width: .byte, value: UInt64(value))
  }

  /// Century, year, month, day, weekday, hours, minutes, seconds.
  private var time: [UInt8] { [0x32, 9, 8, 7, 6, 4, 2, 0].map(read) }

  @Test func theTimeIsTheHostsInDecimalDigits() {
    #expect(time == [0x20, 0x24, 0x02, 0x29, 0x05, 0x12, 0x34, 0x56])
    clock.seconds += 4
    #expect(read(0) == 0x00 && read(2) == 0x35)
  }

  @Test func anUpdateIsInProgressAtTheEndOfEverySecond() {
    #expect(read(0x0a) == 0x26)
    for (nanoseconds, expected) in [(997_771_999, 0x26), (997_772_000, 0xa6), (999_999_999, 0xa6)] as [(Int64, UInt8)] {
      clock.nanoseconds = nanoseconds
      #expect(read(0x0a) == expected)
      #expect(read(0) == 0x56)
    }
    // A clock that is held still has none.
    write(0x0b, 0x82)
    #expect(read(0x0a) == 0x26)
  }

  @Test func theFormsOfNumbersAreTheGuestsToChoose() {
    write(0x0b, 0x06)
    #expect(time == [20, 24, 2, 29, 5, 12, 34, 56])
    write(0x0b, 0x00)
    #expect(read(4) == 0x92)  // 12 in the afternoon
    clock.seconds -= 12 * 3600
    #expect(read(4) == 0x12)  // 12 in the morning
    clock.seconds += 3600
    #expect(read(4) == 0x01)
  }

  @Test(
    arguments: [
      (0, [0x19, 0x70, 0x01, 0x01, 0x05, 0x00, 0x00, 0x00]),
      (951_782_399, [0x20, 0x00, 0x02, 0x28, 0x02, 0x23, 0x59, 0x59]),
      (951_782_400, [0x20, 0x00, 0x02, 0x29, 0x03, 0x00, 0x00, 0x00]),
      (1_735_689_599, [0x20, 0x24, 0x12, 0x31, 0x03, 0x23, 0x59, 0x59]),
      (4_107_542_400, [0x21, 0x00, 0x03, 0x01, 0x02, 0x00, 0x00, 0x00]),
      (-1, [0x19, 0x69, 0x12, 0x31, 0x04, 0x23, 0x59, 0x59]),
    ] as [(Int64, [UInt8])])
  func theCalendarIsRight(seconds: Int64, expected: [UInt8]) {
    clock.seconds = seconds
    #expect(time == expected)
  }

  @Test func aTimeThatIsSetGoesOn() {
    write(0x0b, 0x82)
    for (register, value) in [(0, 0x30), (2, 0x15), (4, 0x07), (7, 0x31), (8, 0x12), (9, 0x99), (0x32, 0x19)]
      as [(UInt8, UInt8)]
    {
      write(register, value)
    }
    clock.seconds += 100
    #expect(time == [0x19, 0x99, 0x12, 0x31, 0x06, 0x07, 0x15, 0x30])
    write(0x0b, 0x02)
    clock.seconds += 86_400
    #expect(time == [0x20, 0x00, 0x01, 0x01, 0x07, 0x07, 0x15, 0x30])
  }

  @Test func theBatteryIsWellAndTheUpdateNeverInProgress() {
    #expect(read(0x0d) == 0x80)
    #expect(read(0x0a) & 0x80 == 0)
    #expect(read(0x0c) == 0)
  }

  @Test func theMemorySizesAreFirmwares() {
    #expect(Int(read(0x17)) | Int(read(0x18)) << 8 == 15 * 1024)
    #expect(Int(read(0x34)) | Int(read(0x35)) << 8 == (512 - 16) * 16)
    #expect([0x5b, 0x5c, 0x5d].map(read) == [0, 0, 0])
  }

  @Test func memoryAbove4GiBIsCountedInPiecesOf64KiB() {
    let large = RealTimeClock(memory: 3 << 30 + 0x12345 << 16, now: { 0 })
    let bytes = (0x5b...0x5d).map { (register: UInt64) -> UInt64 in
      large.write(0, width: .byte, value: register)
      return large.read(1, width: .byte)
    }
    #expect(bytes == [0x45, 0x23, 0x01])
    large.write(0, width: .byte, value: 0x35)
    #expect(large.read(1, width: .byte) == 0xbf)  // 3 GiB less 16 MiB
  }

  @Test func theOtherBytesAreMemory() {
    write(0x50, 0xa5)
    #expect(read(0x50) == 0xa5)
    #expect(read(0xd0) == 0xa5)  // bit 7 of the address masks NMI
  }

  @Test func noRegisterTakesTheClockOutOfItsRange() {
    var random = FuzzRandom(seed: 7)
    for _ in 0..<20_000 {
      write(UInt8(truncatingIfNeeded: random.next()), UInt8(truncatingIfNeeded: random.next()))
      _ = time
    }
  }
}
