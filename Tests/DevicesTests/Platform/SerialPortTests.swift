import Devices
import Testing

/// The 16550 as Linux's driver uses it.
@Suite struct SerialPortTests {
  private final class Sent {
    var bytes: [UInt8] = []
  }

  private let line = CountingLine()
  private let sent = Sent()
  private let port: SerialPort

  init() {
    let sent = sent
    port = SerialPort(interrupt: line) { sent.bytes.append($0) }
    // Divisor latch off, the interrupt let out, FIFOs on.
    write(3, 0x03)
    write(4, 0x0b)
    write(2, 0x07)
  }

  private func read(_ register: UInt64) -> UInt8 { UInt8(port.read(register, width: .byte)) }
  private func write(_ register: UInt64, _ value: UInt8) { port.write(register, width: .byte, value: UInt64(value)) }

  @Test func whatArrivesRaisesOneInterruptAndIsTakenInOrder() {
    write(1, 0x01)
    #expect(line.take() == 0)
    #expect(port.receive([1, 2, 3]) == 3)
    #expect(line.take() == 1)
    #expect(read(2) == 0xc4)
    #expect([read(0), read(0), read(0)] == [1, 2, 3])
    #expect(read(5) == 0x60)
    #expect(read(2) == 0xc1)
    #expect(line.take() == 0)
    #expect(port.receive([4]) == 1)
    #expect(line.take() == 1)
  }

  @Test func whatArrivedBeforeTheInterruptWasEnabledIsToldThen() {
    #expect(port.receive([9]) == 1)
    #expect(line.take() == 0)
    #expect(read(5) & 1 == 1)
    write(1, 0x01)
    #expect(line.take() == 1)
  }

  @Test func anEmptyTransmitterIsToldOnceAndAgainAfterEachTurnOfBytes() {
    write(1, 0x02)
    #expect(line.take() == 1)
    #expect(read(2) == 0xc2)
    #expect(read(2) == 0xc1)
    for byte in "sixteen bytes in".utf8 { write(0, byte) }
    #expect(sent.bytes == Array("sixteen bytes in".utf8))
    #expect(line.take() == 1)
    #expect(read(2) == 0xc2)
    write(1, 0)
    write(0, 1)
    #expect(line.take() == 0)
  }

  @Test func receivedBytesAreMoreUrgentThanAnEmptyTransmitter() {
    write(1, 0x03)
    _ = port.receive([7])
    #expect(read(2) == 0xc4)
    #expect(read(0) == 7)
    #expect(read(2) == 0xc2)
    #expect(read(2) == 0xc1)
  }

  @Test func theGateHoldsInterruptsBack() {
    write(4, 0)
    write(1, 0x01)
    _ = port.receive([1])
    #expect(line.take() == 0)
    write(4, 0x08)
    #expect(line.take() == 1)
  }

  @Test func aGuestThatDoesNotReadIsGivenNoMoreThanTheLimit() {
    let much = [UInt8](repeating: 1, count: SerialPort.receiveLimit + 100)
    #expect(port.receive(much) == SerialPort.receiveLimit)
    #expect(port.receive([2]) == 0)
    _ = read(0)
    #expect(port.receive([3, 4]) == 1)
    for _ in 0..<3 * SerialPort.receiveLimit {
      _ = read(0)
      #expect(port.receive([5]) == 1)
    }
  }

  @Test func theLoopComesBackWithPinsAndBytes() {
    write(4, 0x1f)
    #expect(read(6) & 0xf0 == 0xf0)
    write(4, 0x1a)
    #expect(read(6) & 0xf0 == 0x90)  // what drivers look for
    write(0, 0x5a)
    #expect(read(5) & 1 == 1)
    #expect(read(0) == 0x5a)
    #expect(sent.bytes.isEmpty)
    #expect(port.receive([1]) == 0)
    for _ in 0..<17 { write(0, 1) }
    #expect(read(5) & 2 == 2)
    #expect(read(5) & 2 == 0)
  }

  @Test func clearingTheFIFODropsWhatWaits() {
    _ = port.receive([1, 2])
    write(2, 0x03)
    #expect(read(5) & 1 == 0)
  }
}
