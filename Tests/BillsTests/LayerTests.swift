import ELF
import EmulatedHost
import Foundation
import Results
import Testing

@testable import Bills

@Suite("Instructions are told apart by their addresses")
struct LayerTests {
  private static func symbols(_ names: [UInt64: String]) -> ELFSymbols {
    ELFSymbols(names.map { ELFSymbols.Symbol(address: $0.key, name: $0.value) })
  }

  private static let kallsyms = """
    ffffffff81000000 T _text
    ffffffff81000100 t ksys_ioctl
    ffffffff81000200 D some_data
    ffffffffc0001000 t svm_vcpu_run\t[kvm_amd]
    ffffffffc0002000 t kvm_arch_vcpu_ioctl_run\t[kvm]
    ffffffffc0003000 t virtio_find_vqs\t[virtio]
    """

  private func map() -> AddressMap {
    let (kernel, kvm) = AddressMap.kernel([UInt8](Self.kallsyms.utf8))
    let program = AddressMap.Mapping(
      range: 0x5555_5555_6000..<0x5555_5556_0000, base: 0x5555_5555_4000, name: "nearmetal", isProgram: true,
      symbols: Self.symbols([0x2000: "run", 0x3000: "find"]))
    let library = AddressMap.Mapping(
      range: 0x7fff_f7d0_1000..<0x7fff_f7d0_9000, base: 0x7fff_f7d0_0000, name: "libc.so.6", isProgram: false,
      symbols: Self.symbols([0x1000: "ioctl"]))
    return AddressMap(
      probe: 0x20_0000..<0x40_0000, firstOfUser: 0x20_0800,
      probeSymbols: Self.symbols([0x20_0000: "trap_entry", 0x20_0800: "probe_on_work_stack"]), kernel: kernel, kvm: kvm,
      mappings: [program, library], peerSymbols: Self.symbols([0x9000: "address_space_rw"]))
  }

  @Test(
    arguments: [
      (0x20_0010, BillLayer.guestKernel, "trap_entry"), (0x20_0810, .guestUser, "probe_on_work_stack"),
      (0xffff_ffff_8100_0110, .kernel, "ksys_ioctl"), (0xffff_ffff_8100_0210, .kernel, "ksys_ioctl"),
      (0xffff_ffff_c000_1001, .kvm, "svm_vcpu_run"), (0xffff_ffff_c000_2abc, .kvm, "kvm_arch_vcpu_ioctl_run"),
      (0xffff_ffff_c000_3000, .kernel, "virtio_find_vqs"), (0x5555_5555_7010, .monitor, "find"),
      (0x7fff_f7d0_1020, .libraries, "ioctl"), (0x7fff_f7fc_0000, .libraries, "shared libraries"),
      (0x5555_5600_0000, .monitor, "other code"),
    ] as [(UInt64, BillLayer, String)])
  func anAddressHasALayerAndAFunction(address: UInt64, layer: BillLayer, function: String) {
    let place = map().place(address, isPeer: false)
    #expect(place == AddressMap.Place(layer: layer, function: function))
  }

  @Test func anotherMonitorsCodeIsNotCalledByOurNames() {
    #expect(map().place(0x5555_5555_7010, isPeer: true).function == "qemu-system-x86_64")
    #expect(map().place(0x5555_5555_d010, isPeer: true) == .init(layer: .monitor, function: "address_space_rw"))
    #expect(map().place(0x7fff_f7d0_1020, isPeer: true).layer == .libraries)
  }

  @Test func mappingsOfCodeAreReadWithTheBaseOfTheirFile() {
    let maps = """
      555555554000-555555556000 r--p 00000000 00:02 12 /opt/nearmetal/nearmetal
      555555556000-555555560000 r-xp 00002000 00:02 12 /opt/nearmetal/nearmetal
      7ffff7d00000-7ffff7d01000 r--p 00000000 00:02 13 /lib/nowhere/libc.so.6
      7ffff7d01000-7ffff7d09000 r-xp 00001000 00:02 13 /lib/nowhere/libc.so.6
      7ffff7fc0000-7ffff7fc2000 r-xp 00000000 00:00 0 [vdso]
      nonsense
      """
    let mappings = AddressMap.mappings(maps, program: "/nowhere/nearmetal")
    #expect(mappings.map(\.base) == [0x5555_5555_4000, 0x7fff_f7d0_0000, 0x7fff_f7fc_0000])
    #expect(mappings.map(\.isProgram) == [true, false, false])
    #expect(mappings.map(\.name) == ["nearmetal", "libc.so.6", "[vdso]"])
  }

  // MARK: Windows

  @Test func thePluginsFileIsRead() throws {
    let text = "window 30\n200810 10 1\nffffffffc0001001 12 4\nffffffffc0001001 8 2\nwindow 5\n200810 5 5\n"
    let windows = try #require(CountedWindow.read([UInt8](text.utf8)))
    #expect(windows.map(\.total) == [30, 5])
    #expect(windows[0].blocks.map(\.instructions) == [10, 12, 8])
    #expect(windows[0].executions(at: 0xffff_ffff_c000_1001) == 6)
    #expect(windows[1].executions(at: 0xffff_ffff_c000_1001) == 0)
  }

  @Test(
    arguments: [
      "200810 10 1\n", "window\n", "window x\n", "window 1 1\n", "window 1\nzz 1 1\n", "window 1\n200810 1\n",
      "window 1\n200810 1 1 1\n",
    ])
  func anotherFileIsRefused(text: String) {
    #expect(CountedWindow.read([UInt8](text.utf8)) == nil)
  }

  /// - Parameter kernel: instructions of the guest at CPL 0.
  private func window(_ total: UInt64, kvm: UInt64, guest: UInt64, kernel: UInt64 = 0) -> CountedWindow {
    let places: [(UInt64, UInt64)] = [
      (0x20_0000, kernel), (0x20_0810, guest), (0xffff_ffff_8100_0100, 0), (0xffff_ffff_c000_1000, kvm),
    ]
    return CountedWindow(
      total: total,
      blocks: places.filter { $0.1 > 0 }.map { .init(address: $0.0, instructions: $0.1, executions: $0.1 / 5) })
  }

  private func line(_ id: String, operations: Double, mean: Double) -> BillLine {
    var line = MadeUp.line(id, [mean, mean])
    line.operations = BillFigure([operations, operations])
    line.mean = line.statistic == .median ? BillFigure([mean, mean]) : nil
    return line
  }

  @Test func theWindowsAreTheLegsAndTheLayersAddUpToTheMean() throws {
    // 1,000 operations of 18 instructions; the guest spends 2 more between them.
    let windows = [window(20_000, kvm: 15_000, guest: 5000)]
    let pass = MadeUp.pass([MadeUp.leg("exits.cpuid")], order: ["exits.cpuid"])
    let lines = LayerAssignment(map: map(), windows: windows, window: 20_000)
      .assign([line("exits.cpuid", operations: 1000, mean: 18)], pass)
    let layers = try #require(lines[0].layers)
    #expect(layers["kvm"] == 15 && layers["guest.user"] == 3)
    #expect(layers.values.reduce(0, +) == 18)
    // What the guest did in an operation and what it did between two of them are in the same functions.
    #expect(lines[0].functions?.map(\.name) == ["svm_vcpu_run"])
    #expect(lines[0].functions?.map(\.instructions) == [15])
    // Of every pass where the leg counts it, of the one that the emulator counts where not.
    #expect(lines[0].counts["exits"] == BillFigure([3]) && lines[0].counts["systemCalls"] == nil)
  }

  @Test func aLoopOfTheGuestsKernelIsNoPartOfWhatItRepeats() throws {
    // 1,000 times 1 instruction at CPL 0, in a loop of 4 more; 15 between two rounds at CPL 3.
    let window = window(20_000, kvm: 0, guest: 15_000, kernel: 5000)
    let pass = MadeUp.pass([MadeUp.leg("exits.cr8.read")], order: [])
    let lines = LayerAssignment(map: map(), windows: [window], window: 20_000)
      .assign([line("exits.cr8.read", operations: 1000, mean: 1)], pass)
    let layers = try #require(lines[0].layers)
    #expect(layers["guest.kernel"] == 1 && layers["guest.user"] == 0)
    #expect(lines[0].functions?.isEmpty == true)
  }

  @Test func aWindowThatIsOfNoLineIsLeftOut() throws {
    // QEMU's memory is looked at while a job runs.
    let boot = MadeUp.leg("boot", Path(.qemu, .guest))
    let pass = MadeUp.pass([MadeUp.leg("exits.cpuid"), boot, MadeUp.leg("boot")], order: [])
    let windows = [window(20_000, kvm: 15_000, guest: 5000), window(90_000, kvm: 1, guest: 89_999)]
    let lines = LayerAssignment(map: map(), windows: windows, window: 20_000)
      .assign([line("exits.cpuid", operations: 1000, mean: 18)], pass)
    #expect(lines[0].layers?["kvm"] == 15)
  }

  @Test func whatRunsBetweenWholeOperationsIsPartOfThem() throws {
    let pass = MadeUp.pass([MadeUp.leg("block.read")], order: ["block.read"])
    let lines = LayerAssignment(map: map(), windows: [window(20_000, kvm: 15_000, guest: 5000)], window: 20_000)
      .assign([line("block.read", operations: 1000, mean: 20)], pass)
    #expect(lines[0].layers?["guest.user"] == 5)
  }

  @Test func aLineThatWaitedIsNotDividedAndTheOthersAre() {
    let pass = MadeUp.pass([MadeUp.leg("exits.cpuid"), MadeUp.leg("exits.halt.wake")], order: [])
    let windows = [window(20_000, kvm: 15_000, guest: 5000), window(4000, kvm: 3000, guest: 1000)]
    let lines = LayerAssignment(map: map(), windows: windows, window: 20_000).assign(
      [line("exits.cpuid", operations: 1000, mean: 18), line("exits.halt.wake", operations: 10, mean: 2000)], pass)
    #expect(lines.map { $0.layers != nil } == [true, false])
  }

  @Test func aWindowOfOtherWorkThanTheLinesIsNotTakenForIt() {
    let pass = MadeUp.pass([MadeUp.leg("block.read")], order: ["block.read"])
    let before = [line("block.read", operations: 1000, mean: 10)]
    let windows = [window(20_000, kvm: 15_000, guest: 5000)]
    #expect(LayerAssignment(map: map(), windows: windows, window: 20_000).assign(before, pass) == before)
  }

  @Test func windowsThatAreNotTheLegsTellNothing() {
    let pass = MadeUp.pass([MadeUp.leg("exits.cpuid")], order: ["exits.cpuid"])
    let before = [line("exits.cpuid", operations: 1000, mean: 18)]
    // None at all, one that waited for half of its time, one of fewer instructions than the operations took, and one too many.
    let good = window(20_000, kvm: 15_000, guest: 5000)
    for windows in [
      [], [window(10_000, kvm: 5000, guest: 5000)], [window(17_000, kvm: 1, guest: 16_999)], [good, good],
    ] {
      #expect(LayerAssignment(map: map(), windows: windows, window: 17_000).assign(before, pass) == before)
    }
  }

  @Test func aLegThatFailedKeepsNothingFromThoseBeforeIt() {
    let legs = [MadeUp.leg("exits.cpuid"), MadeUp.leg("exits.trap", status: .failed), MadeUp.leg("exits.hypercall")]
    let good = window(20_000, kvm: 15_000, guest: 5000)
    for windows in [[good, good], [good, good, good]] {
      let lines = LayerAssignment(map: map(), windows: windows, window: 20_000).assign(
        [line("exits.cpuid", operations: 1000, mean: 18), line("exits.hypercall", operations: 1000, mean: 18)],
        MadeUp.pass(legs, order: []))
      #expect(lines.map { $0.layers != nil } == [true, false])
    }
  }

  // MARK: Symbols

  @Test func aProgramsFunctionsAreFoundByAddress() throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: "/proc/self/exe")))
    let symbols = try ELFSymbols(bytes, name: "self")
    let main = try #require(symbols.address(of: "main"))
    #expect(symbols.name(at: main) == "main")
    #expect(symbols.symbol(at: main + 1)?.name == "main")
    #expect(symbols.name(at: 0) == nil)
    let size = try #require(symbols.symbol(at: main)?.size)
    #expect(symbols.symbol(at: main + size - 1)?.name == "main" && symbols.symbol(at: main + size)?.name != "main")
    #expect(throws: ELFError.self) { try ELFSymbols(Array(bytes.prefix(4096)), name: "cut") }
    #expect(throws: ELFError.self) { try ELFSymbols(Array("#!/bin/sh".utf8), name: "script") }
  }

  @Test func whatLiesBehindAFunctionIsNoneOfIt() {
    let symbols = ELFSymbols([
      .init(address: 0x1000, name: "sized", size: 0x20), .init(address: 0x2000, name: "label"),
      .init(address: 0x3000, name: "end", size: 1),
    ])
    let names = [0xfff, 0x1000, 0x101f, 0x1020, 0x2000, 0x2fff, 0x3000, 0x3001].map { symbols.name(at: $0) }
    #expect(names == [nil, "sized", "sized", nil, "label", "label", "end", nil])
  }

  @Test(arguments: [
    ("$s14VirtualMachine10VCPUThreadC3runyyF", "VirtualMachine.VCPUThread.run()"), ("kvm_vcpu_ioctl", "kvm_vcpu_ioctl"),
    ("$sNOT", "$sNOT"),
  ])
  func namesAreOnesThatAPersonWouldWrite(symbol: String, name: String) {
    #expect(Demangling.short(symbol) == name)
  }

  @Test func aCopyOfAFunctionIsCalledByTheFunction() {
    #expect(Demangling.shortened("generic specialization <A, B> of Bus.find(Int) -> Slot?") == "Bus.find(Int)")
    #expect(Demangling.shortened("merged Bus.find(Int)") == "Bus.find(Int)")
    let inExtension =
      "(extension in Devices):Devices.Loop< where A: ~Swift.Copyable>.(serve in _5FA3F)(inout B) throws(E)"
    #expect(Demangling.shortened(inExtension) == "Devices.Loop.serve(inout B) throws(E)")
  }

  @Test func thePluginIsBesideTheProgram() throws {
    let path = try #require(EmulatedHost.counter)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let symbols = try ELFSymbols(bytes, name: path)
    #expect(symbols.address(of: "qemu_plugin_install") != nil)
  }
}
