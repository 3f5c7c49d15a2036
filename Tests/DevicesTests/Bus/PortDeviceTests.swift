import Devices
import ProbeABI
import Testing

@Suite struct PortDeviceTests {
  /// Register offsets of the PC16550D.
  private enum Register {
    static let data: UInt64 = 0
    static let divisorLow: UInt64 = 0
    static let interruptEnable: UInt64 = 1
    static let identification: UInt64 = 2
    static let lineControl: UInt64 = 3
    static let modemControl: UInt64 = 4
    static let lineStatus: UInt64 = 5
    static let modemStatus: UInt64 = 6
    static let scratch: UInt64 = 7
  }

  private final class Line {
    var bytes: [UInt8] = []
  }

  private func port() -> (SerialPort, Line) {
    let line = Line()
    return (SerialPort { line.bytes.append($0) }, line)
  }

  @Test func bytesLeaveInTheirOrder() {
    let (port, line) = port()
    for byte in "hello".utf8 { port.write(Register.data, width: .byte, value: UInt64(byte)) }
    #expect(line.bytes == Array("hello".utf8))
  }

  @Test func theDivisorIsNotSent() {
    let (port, line) = port()
    port.write(Register.lineControl, width: .byte, value: 0x83)
    port.write(Register.divisorLow, width: .byte, value: 12)
    port.write(Register.interruptEnable, width: .byte, value: 34)
    #expect(port.read(Register.divisorLow, width: .byte) == 12)
    #expect(port.read(Register.interruptEnable, width: .byte) == 34)
    port.write(Register.lineControl, width: .byte, value: 0x03)
    #expect(line.bytes.isEmpty)
    #expect(port.read(Register.data, width: .byte) == 0)
    #expect(port.read(Register.interruptEnable, width: .byte) == 0)
    port.write(Register.data, width: .byte, value: 0x41)
    #expect(line.bytes == [0x41])
  }

  @Test func theTransmitterIsAlwaysReadyAndNothingEverArrives() {
    let (port, _) = port()
    port.write(Register.data, width: .byte, value: 1)
    #expect(port.read(Register.lineStatus, width: .byte) & 0x60 == 0x60)
    #expect(port.read(Register.lineStatus, width: .byte) & 0x01 == 0)
    #expect(port.read(Register.identification, width: .byte) & 0x01 == 1)
    #expect(port.read(Register.modemStatus, width: .byte) & 0x10 == 0x10)
  }

  @Test func writableRegistersKeepTheBitsThatTheyHave() {
    let (port, _) = port()
    for (register, kept) in [
      (Register.scratch, 0xff), (Register.interruptEnable, 0x0f), (Register.modemControl, 0x1f),
    ] as [(UInt64, UInt64)] {
      port.write(register, width: .byte, value: 0xff)
      #expect(port.read(register, width: .byte) == kept)
    }
    port.write(Register.lineStatus, width: .byte, value: 0)
    #expect(port.read(Register.lineStatus, width: .byte) == 0x60)
  }

  @Test func aSignalPortPassesTheValueOn() {
    let line = Line()
    let port = SignalPort { line.bytes.append(UInt8(truncatingIfNeeded: $0)) }
    port.write(0, width: .long, value: 0x10)
    #expect(line.bytes == [0x10])
    #expect(port.read(0, width: .long) == 0)
  }

  @Test func theEchoPortAlwaysSaysTheSame() {
    let port = EchoPort()
    port.write(0, width: .long, value: 1)
    #expect(port.read(0, width: .long) == UInt64(NM_ECHO_VALUE))
  }

  @Test func theTestDeviceShowsItsMagicItsPinAndThePageItServes() {
    let service = RecordingInterrupts()
    let device = TestDevice(interruptPin: 5, service: service)
    #expect(device.read(UInt64(NM_TEST_MAGIC), width: .long) == UInt64(NM_TEST_MAGIC_VALUE))
    #expect(device.read(UInt64(NM_TEST_ECHO), width: .long) == UInt64(NM_ECHO_VALUE))
    #expect(device.read(UInt64(NM_TEST_IRQ_GSI), width: .long) == 5)
    device.write(UInt64(NM_TEST_IRQ_PAGE), width: .long, value: 0x4000)
    #expect(device.read(UInt64(NM_TEST_IRQ_PAGE), width: .long) == 0x4000)
    device.write(UInt64(NM_TEST_IRQ_PAGE), width: .long, value: 0x5000)
    #expect(device.read(UInt64(NM_TEST_IRQ_PAGE), width: .long) == 0)
    device.write(UInt64(NM_TEST_ECHO), width: .long, value: 0x4000)
    #expect(service.asked == [0x4000, 0x5000])
    #expect(device.read(0xffc, width: .long) == 0)
  }

  @Test func theTestDeviceRaisesItsInterruptWhenToldAndKeepsItsDelay() {
    let service = RecordingInterrupts()
    let device = TestDevice(interruptPin: 5, service: service)
    #expect(device.read(UInt64(NM_TEST_IRQ_RAISE), width: .long) == 1)
    #expect(service.raised == 0)
    device.write(UInt64(NM_TEST_IRQ_RAISE), width: .long, value: 1)
    device.write(UInt64(NM_TEST_IRQ_DELAY), width: .long, value: UInt64(NM_TEST_IRQ_NEVER))
    #expect(service.raised == 1)
    #expect(device.read(UInt64(NM_TEST_IRQ_DELAY), width: .long) == UInt64(NM_TEST_IRQ_NEVER))
  }
}

/// An interrupt service that serves page 0x4000 alone and writes down what it is asked.
private final class RecordingInterrupts: TestInterrupts {
  var asked: [UInt64] = []
  var raised = 0
  var delay: UInt32 = 0

  func serve(_ page: UInt64) -> Bool {
    asked.append(page)
    return page == 0x4000
  }

  func raise() { raised += 1 }
}
