import Frames
import Testing

@testable import Devices

@Suite struct E1000RegisterTests {
  typealias R = E1000Guest.R

  @Test func theEepromHasTheAddressAndTheRightSumThroughEitherInterface() throws {
    let guest = try E1000Guest()
    let words = (0..<64 as Range<UInt32>).map { index -> UInt16 in
      guest.write(R.eerd, index << 8 | 1)
      let answer = guest.read(R.eerd)
      #expect(answer & 0x10 != 0)
      return UInt16(answer >> 16)
    }
    let clocked = (0..<64 as Range<UInt32>).map { Self.clock($0, guest) }
    #expect(words.reduce(0, &+) == 0xbaba)
    #expect(clocked == words)
    let bytes = words[..<3].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    #expect(bytes == E1000Guest.address.bytes)
    #expect(words[0x0a] >> 14 == 1)
    #expect(guest.read(R.ral) == 0x004d_4e02 && guest.read(R.ral + 4) == 0x8000_0700)
  }

  /// Reads a word as drivers do that hold the pins themselves: request, select, a start bit and the opcode, six bits of address,
  /// and sixteen clocks.
  private static func clock(_ address: UInt32, _ guest: E1000Guest) -> UInt16 {
    let (clock, select, input, output, request): (UInt32, UInt32, UInt32, UInt32, UInt32) = (1, 2, 4, 8, 0x40)
    guest.write(R.eecd, request)
    #expect(guest.read(R.eecd) & 0x180 == 0x180)
    guest.write(R.eecd, request | select)
    for bit in (0..<9).reversed() {
      let data = (0b110 << 6 | address) >> UInt32(bit) & 1 != 0 ? input : 0
      guest.write(R.eecd, request | select | data)
      guest.write(R.eecd, request | select | data | clock)
      guest.write(R.eecd, request | select | data)
    }
    var word: UInt16 = 0
    for _ in 0..<16 {
      guest.write(R.eecd, request | select | clock)
      word = word << 1 | (guest.read(R.eecd) & output != 0 ? 1 : 0)
      guest.write(R.eecd, request | select)
    }
    guest.write(R.eecd, 0)
    return word
  }

  private static func phy(_ guest: E1000Guest, _ register: UInt32, _ value: UInt32? = nil) -> UInt32 {
    let operation: UInt32 = value == nil ? 2 << 26 : 1 << 26
    guest.write(R.mdic, operation | 1 << 21 | register << 16 | (value ?? 0))
    let answer = guest.read(R.mdic)
    #expect(answer >> 28 & 1 == 1 && answer >> 30 & 1 == 0)
    return answer & 0xffff
  }

  @Test func thePHYIsAnM88WhoseLinkIsUpAt1000MbSAndARestartOfTheNegotiationEndsWithALinkChange() throws {
    let guest = try E1000Guest()
    #expect(Self.phy(guest, 2) == 0x0141 && Self.phy(guest, 3) & 0xfff0 == 0x0c20)
    #expect(Self.phy(guest, 1) & 0x24 == 0x24)
    #expect(Self.phy(guest, 17) & 0xec00 == 0xac00)
    #expect(Self.phy(guest, 10) & 0x3000 == 0x3000)
    _ = guest.read(R.icr)
    _ = Self.phy(guest, 0, 0x1340)
    #expect(Self.phy(guest, 0) == 0x1140)
    #expect(guest.read(R.icr) & 4 == 4)
    _ = Self.phy(guest, 4, 0x01e1)
    #expect(Self.phy(guest, 4) == 0x01e1)
    _ = Self.phy(guest, 0, 0x8000)
    #expect(Self.phy(guest, 4) == 0x0de1)
    guest.write(R.mdic, 2 << 26 | 2 << 21 | 1 << 29)
    #expect(guest.read(R.mdic) >> 30 & 1 == 1)
    #expect(guest.read(R.icr) & 0x200 != 0)
    #expect(guest.read(R.status) & 0xc3 == 0x83)
  }

  @Test func aResetEndsByItselfAndLeavesNothingOfBeforeButTheAddress() throws {
    let guest = try E1000Guest()
    guest.start()
    guest.write(R.ral, 0x1234)
    guest.write(R.mta + 8, 5)
    guest.write(R.itr, 100)
    guest.write(R.ims, 0x80)
    guest.write(R.control, 0x41)
    #expect(guest.read(R.control) == 0x41 && guest.read(R.control + 4) == 0x41)
    // Drivers of this controller reset it through its ports.
    guest.machine.write(E1000Guest.ports, .long, R.control)
    guest.machine.write(E1000Guest.ports + 4, .long, 1 << 26 | 0x41)
    #expect(guest.read(R.control) == 0)
    for register in [R.rctl, R.tctl, R.rdt, R.rdlen, R.tdbal, R.mta + 8, R.itr, R.ims, R.icr] {
      #expect(guest.read(register) == 0)
    }
    #expect(guest.read(R.ral) == 0x004d_4e02)
  }

  @Test func thePortsReachTheSameRegistersAsTheMemoryRegion() throws {
    let guest = try E1000Guest()
    guest.machine.write(E1000Guest.ports, .long, R.itr)
    guest.machine.write(E1000Guest.ports + 4, .long, 77)
    #expect(guest.read(R.itr) == 77)
    #expect(guest.machine.read(E1000Guest.ports + 4, .long) == 77)
    guest.machine.write(E1000Guest.ports, .long, 0xffff_ffff)
    #expect(guest.machine.read(E1000Guest.ports, .long) == 0x1fffc)
  }

  @Test func narrowReadsSeeTheirPartNarrowWritesDoNothing() throws {
    let guest = try E1000Guest()
    #expect(guest.machine.read(0xe000_0000 + R.ral + 1, .byte) & 0xff == 0x4e)
    guest.machine.write(0xe000_0000 + R.itr, .word, 5)
    #expect(guest.read(R.itr) == 0)
  }

  @Test func theHeaderNamesTheLineAndTheIdentityThatDriversLookFor() throws {
    let guest = try E1000Guest()
    #expect(guest.machine.configuration(0x00) == 0x100e_8086)
    #expect(guest.machine.configuration(0x08) >> 8 == 0x02_0000)
    #expect(guest.machine.configuration(0x3c, .word) & 0xffff == 0x0112)
  }

  @Test func everyStatisticsRegisterCountsByItselfAndStartsAnewWhenItWasRead() throws {
    let guest = try E1000Guest()
    guest.start()
    let frame = guest.place(E1000Guest.frame(100, to: .broadcast))
    for _ in 0..<3 { guest.add(frame, 100 | 0x0b << 24) }
    guest.kick()
    guest.wire.send(E1000Guest.frame(1514))
    guest.wire.send(E1000Guest.frame(64, to: .broadcast))
    guest.wire.send(E1000Guest.frame(64, to: EthernetAddress([2, 0, 0, 0, 0, 1])))
    guest.wire.send(E1000Guest.frame(1600))
    guest.turn()
    // Good and total packets sent and received, their bytes with check sequences, sizes, broadcasts, oversize.
    for (register, value) in [
      (0x4080, 3), (0x40d4, 3), (0x4090, 312), (0x40c8, 312), (0x40dc, 3), (0x40f4, 3), (0x4074, 2), (0x40d0, 2),
      (0x4088, 1586), (0x40c0, 1586), (0x4070, 1), (0x4060, 1), (0x4078, 1), (0x40ac, 1), (0x4010, 0),
    ] as [(UInt64, UInt32)] {
      #expect(guest.read(register) == value, "0x\(String(register, radix: 16))")
      if register != 0x4090, register != 0x40c8, register != 0x4088, register != 0x40c0 {
        #expect(guest.read(register) == 0)
      }
    }
    // Of the wide ones the high half clears both.
    #expect(guest.read(0x4090) == 312 && guest.read(0x4094) == 0 && guest.read(0x4090) == 0)
    #expect(guest.read(0x40c8) == 312)
    #expect(guest.device.counters.filtered == 1)
  }
}
