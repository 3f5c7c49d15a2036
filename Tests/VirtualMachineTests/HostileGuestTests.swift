import KVM
import LinuxSystem
import Probe
import ProbeABI
import TestSupport
import Testing
import VirtualMachine

/// Guests that send whatever they like: the harness neither crashes nor hangs nor grows.
@Suite(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
struct HostileGuestTests {
  private func records(of code: [UInt8], seconds: Double) throws -> (RecordStream, MachineEnd) {
    let records = RecordStream()
    let machine = try TestGuest.machine(code, serial: { records.receive($0) })
    let end = try machine.run(until: MonotonicClock.now + UInt64(seconds * 1e9))
    return (records, end)
  }

  @Test func garbageOnCOM1IsAnErrorWithItsPlace() throws {
    let garbage = (0..<64).flatMap { Code.outByte(wide: 0x3f8, UInt8($0 * 3)) }
    let (records, end) = try records(of: garbage + Code.exit(0x10), seconds: 30)
    #expect(end == .exited(0x10))
    #expect(records.error?.description == "the probe's records are damaged at byte 0: no record begins here")
    #expect(records.pendingCount <= MemoryLayout<nm_record_header>.size)
  }

  @Test func aFloodOnCOM1IsNotKept() throws {
    // mov dx, 0x3f8; again: mov esi, 0x100000; mov ecx, 0x1000; rep outsb; jmp again
    let flood: [UInt8] =
      [0x66, 0xba, 0xf8, 0x03, 0xbe] + TestGuest.words(0x10_0000) + [0xb9] + TestGuest.words(0x1000) + [
        0xf3, 0x6e, 0xeb, 0xf2,
      ]
    let (records, end) = try records(of: flood, seconds: 1)
    guard case .timedOut = end else { throw UnexpectedEnd(end: end) }
    #expect(records.error != nil)
    #expect(records.pendingCount <= MemoryLayout<nm_record_header>.size)
  }

  @Test func aRecordThatNeverEndsIsBounded() throws {
    // A header with the greatest length that is allowed, then zeros for ever.
    let header =
      TestGuest.words(NM_RECORD_MAGIC) + TestGuest.halves(UInt16(NM_ABI_VERSION), UInt16(NM_RECORD_RESULT.rawValue))
      + TestGuest.words(1, 512 << 10, 0, 0)
    let send = header.flatMap { Code.outByte(wide: 0x3f8, $0) }
    let flood: [UInt8] =
      [0xbe] + TestGuest.words(0x20_0000) + [0xb9] + TestGuest.words(0x10_0000) + [0xf3, 0x6e, 0xeb, 0xf2]
    let (records, end) = try records(of: send + flood, seconds: 0.5)
    guard case .timedOut = end else { throw UnexpectedEnd(end: end) }
    #expect(records.pendingCount <= (512 << 10) + MemoryLayout<nm_record_header>.size)
    #expect(records.arrivals.isEmpty)
  }

  @Test func writesToEveryPortAreHarmless() throws {
    // xor edx, edx; again: out dx, al; in al, dx; inc dx; jnz again
    let ports: [UInt8] = [0x31, 0xd2, 0xb0, 0x00, 0xee, 0xec, 0x66, 0x42, 0x75, 0xfa]
    let (_, end) = try records(of: ports + Code.exit(3), seconds: 30)
    // Port 0xf4 is one of them and ends the machine, with what its silent neighbour read as.
    #expect(end == .exited(0xff))
  }

  @Test func accessesToDeviceMemoryOfAnyWidthAreHarmless() throws {
    var code: [UInt8] = []
    for address in [
      NM_TEST_DEVICE, NM_TEST_DEVICE + 0xffd, NM_TEST_DEVICE + 0x1000, 0xc000_0000, 0xfffb_8000, 0xffff_fffc,
    ] {
      code += Code.store(address, 0x1234_5678)
      code += [0xa1] + TestGuest.words(address)  // mov eax, [address]
      code += [0x66, 0xa1] + TestGuest.words(address + 1)  // mov ax, [address + 1]
      code += [0xa2] + TestGuest.words(address)  // mov [address], al
    }
    #expect(try records(of: code + Code.exit(5), seconds: 30).1 == .exited(5))
  }

  /// The last 128 bytes of 4 MiB, which the service's two lines just fill.
  private static let lastPage: UInt32 = 0x3f_ff80

  /// Pages that are not RAM, that are not aligned, that lie over the end; and one that is good.
  @Test(arguments: [0, 1, 0x3f, lastPage, lastPage + 64, 0x40_0000, 0xd000_0000, 0xffff_ffc0])
  func onlyAnInterruptPageInMemoryIsServed(page: UInt32) throws {
    // The register reads back the page where it is served: exit with it.
    let code =
      Code.store(NM_TEST_DEVICE + NM_TEST_IRQ_PAGE, page) + [0xa1] + TestGuest.words(NM_TEST_DEVICE + NM_TEST_IRQ_PAGE)
      + [0xe7, 0xf4] + Code.spin
    let configuration = MachineConfiguration(memory: 4 << 20, pages: .small, ioCPU: try CPUAffinity.allowed()[0])
    let machine = try Machine(try System(), configuration, serial: { _ in }, marker: { _ in })
    try machine.load(TestGuest.image(code), name: "guest", commandLine: "", module: nil)
    #expect(try machine.run(until: TestGuest.patience) == .exited(page == Self.lastPage ? page : 0))
  }
}
