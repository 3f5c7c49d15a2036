import Devices
import Testing

@Suite struct ScratchRegistersTests {
  @Test func whatIsWrittenIsReadAtAnyWidth() {
    let registers = ScratchRegisters(count: 4)
    registers.write(0, width: .long, value: 0x4433_2211)
    #expect(registers.read(0, width: .long) == 0x4433_2211)
    #expect(registers.read(1, width: .word) == 0x3322)
    registers.write(3, width: .byte, value: 0xee)
    #expect(registers.read(2, width: .word) == 0xee33)
  }

  @Test func whatLeavesTheBytesIsAllOnes() {
    let registers = ScratchRegisters(count: 4)
    registers.write(2, width: .quad, value: 0x8877_6655_4433_2211)
    #expect(registers.read(2, width: .long) == 0xffff_2211)
    registers.write(.max, width: .quad, value: 0)
    #expect(registers.read(.max - 2, width: .long) & 0xffff == 0xffff)
    #expect(registers.read(0, width: .word) == 0)
  }
}
