import ACPI
import Devices
import GuestMemory
import KVM
import LinuxSystem
import Storage
import TestSupport
import Testing

@testable import VirtualMachine

/// A PC whose processor starts in firmware.
@Suite(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
struct FirmwareMachineTests {
  private typealias Guest = FirmwareGuest

  private func end(_ code: [UInt8], isLow: Bool = false) throws -> MachineEnd {
    try Guest.machine(code + Guest.exit, isLow: isLow).run(until: TestGuest.patience)
  }

  @Test(arguments: [false, true])
  func theProcessorStartsInTheImageWhichIsBelow1MiBAsWell(isLow: Bool) throws {
    #expect(try end([0xb0, 9], isLow: isLow) == .exited(9))
  }

  @Test func theImageCannotBeWrittenOver() throws {
    #expect(try end(Guest.store(0xf000, 0x1000, 1) + Guest.load(0xf000, 0x1000)) == .exited(UInt32(Guest.filler)))
  }

  @Test func theChipsetShowsRAMInPlaceOfTheImageAndLocksIt() throws {
    let written = Guest.setBridge(0x59, 0x30) + Guest.store(0xf000, 0x1000, 0x5a)
    let load = Guest.load(0xf000, 0x1000)
    #expect(try end(written + load) == .exited(0x5a))
    #expect(try end(written + Guest.setBridge(0x59, 0x10) + Guest.store(0xf000, 0x1000, 1) + load) == .exited(0x5a))
    #expect(try end(written + Guest.setBridge(0x59, 0) + load) == .exited(UInt32(Guest.filler)))
    #expect(try end(written + Guest.setBridge(0x59, 0x20) + load) == .exited(UInt32(Guest.filler)))
  }

  @Test(arguments: [(0xc000, 0x5a, 0x03), (0xc400, 0x5a, 0x30), (0xec00, 0x5f, 0x30)] as [(UInt16, UInt32, UInt8)])
  func aSegmentIsNothingUntilItIsRAM(segment: UInt16, register: UInt32, value: UInt8) throws {
    // A firmware of 64 KiB has no more than its segment at the end of the first 1 MiB.
    let access = Guest.store(segment, 0, 0x5a) + Guest.load(segment, 0)
    #expect(try end(access) == .exited(0xff))
    #expect(try end(Guest.setBridge(register, value) + access) == .exited(0x5a))
  }

  @Test func thereIsNoMemoryWhereADisplayWouldBe() throws {
    #expect(try end(Guest.store(0xb800, 0, 0x5a) + Guest.load(0xb800, 0)) == .exited(0xff))
    #expect(try end(Guest.store(0x9000, 0, 0x5a) + Guest.load(0x9000, 0)) == .exited(0x5a))
  }

  @Test func theFirmwaresDeviceAnswers() throws {
    #expect(try end(Guest.outWord(0x510, 0) + Guest.inByte(0x511)) == .exited(0x51))
    #expect(try end(Guest.outWord(0x510, 5) + Guest.inByte(0x511)) == .exited(1))
  }

  @Test func theSystemControlPortResets() throws {
    #expect(try end(Guest.outByte(0x92, 0x03)) == .reset)
    #expect(try end(Guest.inByte(0x92)) == .exited(2))
  }

  @Test func baseAddressesAreFirmwaresToGive() throws {
    // The low byte of base address 4 of the IDE function, whose ports were given by nobody.
    let read = Guest.selectRegister(device: 1, function: 1, 0x20) + Guest.inByte(0xcfd)
    let machine = try Guest.machine(read + Guest.exit) {
      $0.disks = [DiskConfiguration(.null(size: 1 << 20), attachment: .ide)]
    }
    #expect(try machine.run(until: TestGuest.patience) == .exited(0))
  }

  @Test func aGuestThatChangesTheMapForEverIsEnded() throws {
    let code =
      Guest.setBridge(0x59, 0x30) + Guest.setBridge(0x59, 0) + Guest.setBridge(0x5a, 0x33) + Guest.setBridge(0x5a, 0)
    let again = [0xe9] + TestGuest.halves(UInt16(bitPattern: Int16(-code.count - 3)))  // jmp to the start
    let end = try Guest.machine(code + again).run(until: MonotonicClock.now + 1_000_000_000)
    guard case .timedOut = end else { return #expect(Bool(false), "\(end)") }
  }

  @Test func aMachineWithoutFirmwareHasNoneOfIt() throws {
    var configuration = MachineConfiguration(memory: 4 << 20, pages: .small, platform: .pc)
    configuration.firmware = nil
    let machine = try Machine(try System(), configuration, serial: { _ in })
    // mov edx, 0x511; xor eax, eax; in al, dx
    let code: [UInt8] = [0xba] + TestGuest.words(0x511) + [0x31, 0xc0, 0xec, 0xe6, 0xf4] + Code.spin
    try machine.load(TestGuest.image(code), name: "guest", commandLine: "", module: nil)
    #expect(try machine.run(until: TestGuest.patience) == .exited(0xff))
  }

  @Test(arguments: [0, 1 << 10, (64 << 10) + 1, 96 << 10, (8 << 20) + (64 << 10)])
  func imagesOfOtherSizesAreRefused(count: Int) {
    #expect(throws: FirmwareError.size("f", count)) {
      try FirmwareImage([UInt8](repeating: 1, count: count), name: "f")
    }
  }

  @Test(arguments: [0, 0xff] as [UInt8])
  func imagesWithoutAFirstInstructionAreRefused(byte: UInt8) {
    #expect(throws: FirmwareError.noResetVector("f")) {
      try FirmwareImage([UInt8](repeating: byte, count: 128 << 10), name: "f")
    }
  }
}

/// What firmware is told in files.
@Suite struct FirmwareFilesTests {
  private func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
  }

  @Test func theMemoryMapHasTheRAMAndTheProcessorsPages() throws {
    let map = PCPlatform.memoryMap(of: try GuestMemory(size: 5 << 30, pages: .small))
    #expect(map.count == 3 * 20)
    let entries = (0..<3).map { (number(map, $0 * 20, 8), number(map, $0 * 20 + 8, 8), number(map, $0 * 20 + 16, 4)) }
    #expect(entries.map { $0.0 } == [0, 4 << 30, 0xfeff_c000])
    #expect(entries.map { $0.1 } == [3 << 30, 2 << 30, 0x4000])
    #expect(entries.map { $0.2 } == [1, 1, 2])
  }

  @Test func theLoadersCommandsAreWholeEntries() throws {
    let tables = RelocatableTables(
      PlatformDescription(
        processors: 2, powerPorts: 0x600, pciMemory: 0xe000_0000...0xfebf_ffff, serialPorts: [(0x3f8, 4)]))
    let bytes = PCPlatform.loader(tables).bytes
    let entries = stride(from: 0, to: bytes.count, by: 128).map { Array(bytes[$0..<$0 + 128]) }
    #expect(entries.map { number($0, 0, 4) } == [1, 1] + [UInt64](repeating: 2, count: 7) + [3, 3, 3, 2, 2, 3, 3])
    let name = Array("etc/acpi/tables".utf8) + [0]
    #expect(Array(entries[1][4..<20]) == name)
    #expect(number(entries[1], 60, 4) == 64 && entries[1][64] == 1)
    #expect(entries[0][64] == 2)
    // The last pointer: the RSDP's, of eight bytes at 24; and the checksum that it changes.
    #expect(Array(entries[13][4..<17]) == Array("etc/acpi/rsdp".utf8))
    #expect(Array(entries[13][60..<76]) == name)
    #expect(number(entries[13], 116, 4) == 24 && entries[13][120] == 8)
    #expect(number(entries[15], 60, 4) == 32 && number(entries[15], 64, 4) == 0 && number(entries[15], 68, 4) == 36)
  }
}
