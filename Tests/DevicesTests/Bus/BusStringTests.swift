import Devices
import Testing

@Suite struct BusStringTests {
  /// Returns its reads' running number and keeps what is written.
  private final class Counter: BusDevice {
    var reads: UInt64 = 0x0100
    var writes: [UInt64] = []

    func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
      reads += 1
      return reads
    }
    func write(_ offset: UInt64, width: AccessWidth, value: UInt64) { writes.append(value) }
  }

  @Test func aDeviceWithoutAVersionOfItsOwnSeesSingleAccessesAndHalfAValueAtTheEndIsLeftAlone() {
    let device = Counter()
    var bytes = [UInt8](repeating: 0xee, count: 7)
    unsafe bytes.withUnsafeMutableBytes { unsafe device.readRepeated(0, width: .word, into: $0) }
    #expect(bytes == [0x01, 0x01, 0x02, 0x01, 0x03, 0x01, 0xee])

    let source: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    unsafe source.withUnsafeBytes { unsafe device.writeRepeated(0, width: .long, from: $0) }
    #expect(device.writes == [0x0403_0201, 0x0807_0605])

    unsafe bytes.withUnsafeMutableBytes { unsafe device.readRepeated(0, width: .quad, into: $0) }
    #expect(device.reads == 0x0103, "seven bytes hold no quad")
  }
}
