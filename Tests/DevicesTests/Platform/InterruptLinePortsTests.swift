import Devices
import Synchronization
import Testing

@Suite struct InterruptLinePortsTests {
  private final class Line: InterruptLine {
    let changes = Mutex<[Bool]>([])
    func pulse() { changes.withLock { $0.append(true) } }
    func lower() { changes.withLock { $0.append(false) } }
  }

  @Test func aPortSetsItsOwnLineToTheByte() {
    let lines = [Line(), Line()]
    let ports = InterruptLinePorts(lines)
    for value in [1, 0, 0x80, 0x100] as [UInt64] { ports.write(1, width: .byte, value: value) }
    #expect(lines[1].changes.withLock { $0 } == [true, false, true, false])
    #expect(lines[0].changes.withLock { $0 }.isEmpty)
  }

  @Test func aWiderAccessSetsALineForEachByte() {
    let lines = [Line(), Line(), Line()]
    InterruptLinePorts(lines).write(1, width: .long, value: 0xff00_0001)
    #expect(lines.map { $0.changes.withLock { $0 } } == [[], [true], [false]])
  }

  @Test func whereThereIsNoLineNothingHappens() {
    let line = Line()
    let ports = InterruptLinePorts([line])
    ports.write(1, width: .quad, value: .max)
    ports.write(.max - 8, width: .quad, value: .max)
    #expect(line.changes.withLock { $0 }.isEmpty)
    #expect(ports.read(0, width: .byte) == 0xff)
  }
}
