import Devices
import Testing

/// The 8042 as Linux's i8042 and atkbd use it.
@Suite struct KeyboardControllerTests {
  private final class Resets {
    var count = 0
  }

  private let line = CountingLine()
  private let resets = Resets()
  private let data: any BusDevice
  private let command: any BusDevice

  init() {
    let resets = resets
    let controller = KeyboardController(interrupt: line) { resets.count += 1 }
    (data, command) = (controller.data, controller.command)
  }

  private func order(_ byte: UInt64) { command.write(0, width: .byte, value: byte) }
  private func give(_ byte: UInt64) { data.write(0, width: .byte, value: byte) }
  private var status: UInt64 { command.read(0, width: .byte) }
  /// All that waits.
  private func take() -> [UInt64] {
    var bytes: [UInt64] = []
    while status & 1 != 0 { bytes.append(data.read(0, width: .byte)) }
    return bytes
  }

  @Test(arguments: [0xfe, 0xf0, 0xfc] as [UInt64])
  func aPulseOfTheLowestOutputResets(byte: UInt64) {
    order(byte)
    #expect(resets.count == 1)
  }

  @Test(arguments: [0xff, 0xfd, 0xd1, 0x20, 0xaa, 0xee] as [UInt64])
  func otherCommandsDoNot(byte: UInt64) {
    order(byte)
    #expect(resets.count == 0)
  }

  @Test func theOutputPortResetsWhereItsLowestBitIsZero() {
    order(0xd1)
    give(0x03)
    #expect(resets.count == 0)
    order(0xd1)
    give(0x02)
    #expect(resets.count == 1)
  }

  @Test func theSelfTestPasses() {
    order(0xaa)
    #expect(take() == [0x55])
    order(0xab)
    #expect(take() == [0])
  }

  @Test func theSettingsAreKept() {
    order(0x60)
    give(0x74)
    order(0x20)
    #expect(take() == [0x74])
  }

  @Test func theKeyboardSaysWhatItIsAndTakesItsCommands() {
    order(0x60)
    give(0x05)  // without translation
    give(0xf2)
    #expect(take() == [0xfa, 0xab, 0x83])
    give(0xff)
    #expect(take() == [0xfa, 0xaa])
    give(0xed)
    #expect(take() == [0xfa])
    give(0xff)  // the lamps, and no reset
    #expect(take() == [0xfa])
    give(0xee)
    #expect(take() == [0xee])
  }

  @Test func everyAnswerIsToldOfWhereTheGuestAsks() {
    give(0xf2)
    #expect(line.take() == 1)
    _ = data.read(0, width: .byte)
    #expect(line.take() == 1)
    _ = take()
    order(0x60)
    give(0x04)
    _ = line.take()
    give(0xf4)
    #expect(line.take() == 0)
    #expect(take() == [0xfa])
  }

  @Test func anAuxiliaryDeviceIsNotThere() {
    order(0xa9)
    #expect(take() != [0])
    order(0xd4)
    give(0xf2)
    #expect(take() == [])
  }

  @Test func aGuestThatNeverReadsDoesNotMakeItGrow() {
    for _ in 0..<1000 { give(0xf2) }
    #expect(take().count == 16)
    order(0xaa)
    #expect(take() == [0x55])
  }
}
