import Devices
import GuestMemory
import KVM
import LinuxSystem
import Multiboot
import Synchronization
import TestSupport
import Testing
import VirtualMachine

/// A PC that boots Multiboot kernels, with what suites for virtual machines test it with.
@Suite(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
struct MultibootMachineTests {
  /// A file whose header's addresses put it to 1 MiB, where its code is entered.
  private func kernel(_ code: [UInt8]) throws -> MultibootImage {
    let (magic, flags, start): (UInt32, UInt32, UInt32) = (0x1bad_b002, 1 << 16, 0x10_0000)
    let header = TestGuest.words(magic, flags, 0 &- magic &- flags, start, start, 0, 0, start + 32)
    return try MultibootImage(header + code, name: "kernel")
  }

  private func machine(
    _ code: [UInt8], hasTestDevices: Bool = true, serial: @escaping (UInt8) -> Void = { _ in }
  ) throws -> Machine {
    var configuration = MachineConfiguration(memory: 4 << 20, pages: .small, platform: .pc)
    configuration.hasTestDevices = hasTestDevices
    let machine = try Machine(try System(), configuration, serial: serial)
    try machine.load(try kernel(code), commandLine: "kernel", modules: [.init([0x2a], string: "module")])
    return machine
  }

  /// mov edx, PORT; in eax, dx
  private func input(_ port: UInt32) -> [UInt8] { [0xba] + TestGuest.words(port) + [0xed] }
  /// out 0xf4, eax; and no further
  private let exit: [UInt8] = [0xe7, 0xf4] + Code.spin

  @Test func theProcessorIsAsTheSpecificationHasIt() throws {
    // What differs is collected in EAX: it began as the magic; CR0's paging and protection; RFLAGS' interrupts.
    let code: [UInt8] =
      [0x89, 0xc6, 0x81, 0xf6] + TestGuest.words(0x2bad_b002)  // mov esi, eax; xor esi, MAGIC
      + [0x0f, 0x20, 0xc0, 0x25] + TestGuest.words(0x8000_0001)  // mov eax, cr0; and eax, PG | PE
      + [0x83, 0xf0, 0x01, 0x09, 0xc6]  // xor eax, PE; or esi, eax
      + [0xbc] + TestGuest.words(0x20_0000)  // mov esp, 2 MiB
      + [0x9c, 0x58, 0x25] + TestGuest.words(0x2_0200) + [0x09, 0xc6]  // pushf; pop eax; and eax, VM | IF; or esi, eax
      + [0x8b, 0x03, 0x25] + TestGuest.words(0x4d) + [0x83, 0xf0, 0x4d, 0x09, 0xc6]  // what [ebx] says is there
      + [0x89, 0xf0]  // mov eax, esi
    #expect(try machine(code + exit).run(until: TestGuest.patience) == .exited(0))
  }

  @Test func aModuleIsReachedFromTheInformation() throws {
    // mov ebx, [ebx + 24]; mov ebx, [ebx]; movzx eax, byte [ebx]
    let code: [UInt8] = [0x8b, 0x5b, 24, 0x8b, 0x1b, 0x0f, 0xb6, 0x03]
    #expect(try machine(code + exit).run(until: TestGuest.patience) == .exited(0x2a))
  }

  @Test func itPrintsAndEnds() throws {
    let sent = Mutex<[UInt8]>([])
    let code = "ok".utf8.flatMap { Code.outByte(wide: 0x3f8, $0) } + Code.exit(7)
    let machine = try machine(code) { byte in sent.withLock { $0.append(byte) } }
    #expect(try machine.run(until: TestGuest.patience) == .exited(7))
    #expect(sent.withLock { $0 } == Array("ok".utf8))
  }

  @Test(arguments: [(true, 0x5566), (false, 0xffff_ffff)] as [(Bool, UInt32)])
  func theScratchPortIsThereWhereItIsAskedFor(hasTestDevices: Bool, expected: UInt32) throws {
    let code = Code.out(0xe0, 0x5566) + input(0xe8) + exit
    #expect(
      try machine(code, hasTestDevices: hasTestDevices).run(until: TestGuest.patience) == .exited(expected))
  }

  @Test func theScratchMemoryKeepsWhatIsWritten() throws {
    // mov eax, [0xff00fffc]
    let code = Code.store(0xff00_fffc, 0x77) + [0xa1] + TestGuest.words(0xff00_fffc) + exit
    #expect(try machine(code).run(until: TestGuest.patience) == .exited(0x77))
  }

  @Test func anInterruptLineReachesThePIC() throws {
    // Raised, the request register of the second PIC has bit 6 for line 14; mov al, 0x0a; out 0xa0, al; in al, 0xa0.
    let read: [UInt8] = [0xb0, 0x0a, 0xe6, 0xa0, 0x31, 0xc0, 0xe4, 0xa0]
    let up = Code.outByte(wide: 0x200e, 1) + read
    #expect(try machine(up + exit).run(until: TestGuest.patience) == .exited(0x40))
    #expect(try machine(Code.outByte(wide: 0x200d, 1) + read + exit).run(until: TestGuest.patience) == .exited(0x20))
  }

  @Test func thePICsHaveTheVectorsOfAPCsBIOS() throws {
    let handler = Code.exit(3)
    // A code segment and its table at 0x300800, a gate for vector 0x76 in the table at 0x300000, and what LGDT and LIDT read.
    let tables =
      Code.store(0x30_0808, 0x0000_ffff) + Code.store(0x30_080c, 0x00cf_9b00)
      + Code.store(0x30_03b0, 0x0008_0022) + Code.store(0x30_03b4, 0x0010_8e00)
      + Code.store(0x30_0900, 0x0800_000f) + Code.store(0x30_0904, 0x0030)
      + Code.store(0x30_0910, 0x0000_07ff) + Code.store(0x30_0914, 0x0030)
    // jmp over the handler, which is at 0x100022
    let code: [UInt8] =
      [0xeb, UInt8(handler.count)] + handler + tables
      + [0x0f, 0x01, 0x15] + TestGuest.words(0x30_0900)  // lgdt
      + [0x0f, 0x01, 0x1d] + TestGuest.words(0x30_0910)  // lidt
      + [0xbc] + TestGuest.words(0x20_0000)  // mov esp, 2 MiB
      + Code.outByte(wide: 0x200e, 1) + [0xfb] + Code.spin  // line 14; sti
    #expect(try machine(code).run(until: TestGuest.patience) == .exited(3))
  }

  @Test(arguments: [0x10_0000, 0x20_0123, 0x3f_f000, 0x40_0000, 0xd000_0000, 0xffff_ffff] as [UInt32])
  func aPageThatIsFlushedKeepsItsBytes(address: UInt32) throws {
    let code = Code.store(0x20_0100, 0x99) + Code.out(0xe4, address) + [0xa1] + TestGuest.words(0x20_0100) + exit
    #expect(try machine(code).run(until: TestGuest.patience) == .exited(0x99))
  }
}
