import Devices
import Testing

@Suite struct PCIMessageSignalTests {
  let machine = PCIMachine()
  let log = MessageLog()
  let signals: MessageSignals
  let capability: Int
  let base: UInt64 = 0xe000_0000

  init() throws {
    let device = PCIDeviceFunction(PCIIdentity(vendor: 1, device: 2, classCode: 0xff0000), name: "signals")
    _ = device.addRegion(bar: 4, size: 0x1000)
    signals = try device.addMessageSignals(
      count: 3, interrupts: log, bar: 4, tableOffset: 0x100, pendingOffset: 0x800)
    machine.pci.attach(device.function, device: 1)
    machine.setConfiguration(1, 0x20, .long, UInt32(base))
    machine.setConfiguration(1, 4, .word, 2)
    capability = Int(machine.configuration(1, 0x34, .byte))
  }

  private func enable(functionMask: Bool = false) {
    machine.setConfiguration(1, capability + 2, .word, functionMask ? 0xc000 : 0x8000)
  }

  private func program(_ vector: UInt64, address: UInt64, data: UInt64, masked: Bool = false) {
    let entry = base + 0x100 + vector * 16
    machine.store(entry, .quad, address)
    machine.store(entry + 8, .long, data)
    machine.store(entry + 12, .long, masked ? 1 : 0)
  }

  @Test func theCapabilityTellsTheNumberOfVectorsAndWhereTheStructuresAre() {
    #expect(machine.configuration(1, capability, .byte) == 0x11)
    #expect(machine.configuration(1, capability + 2, .word) == 2)
    #expect(machine.configuration(1, capability + 4) == 0x104)
    #expect(machine.configuration(1, capability + 8) == 0x804)
    #expect(machine.load(base + 0x10c, .long) == 1, "vectors start masked")
  }

  @Test func aVectorsMessageReachesTheMachineOnceItIsEnabledAndUnmasked() {
    program(1, address: 0xfee0_1000, data: 0x4041)
    #expect(log.take().isEmpty)
    enable()

    #expect(log.take() == [.set(1, InterruptMessage(address: 0xfee0_1000, data: 0x4041))])
    signals.signal(1)
    #expect(log.take() == [.pulse(1)])
  }

  @Test(arguments: [false, true])
  func aSignalToAMaskedVectorStaysPendingUntilTheMaskGoes(wholeFunction: Bool) {
    program(2, address: 0xfee0_0000, data: 5, masked: !wholeFunction)
    enable(functionMask: wholeFunction)
    signals.signal(2)
    #expect(log.take().isEmpty)
    #expect(machine.load(base + 0x800, .quad) == 4)

    if wholeFunction { enable() } else { machine.store(base + 0x12c, .long, 0) }
    #expect(log.take() == [.set(2, InterruptMessage(address: 0xfee0_0000, data: 5)), .pulse(2)])
    #expect(machine.load(base + 0x800, .quad) == 0)
  }

  @Test func maskingAndTurningOffTakeTheMessageAway() {
    program(0, address: 0xfee0_0000, data: 5)
    enable()
    _ = log.take()
    machine.store(base + 0x10c, .long, 1)
    #expect(log.take() == [.set(0, nil)])
    machine.store(base + 0x10c, .long, 0)
    _ = log.take()

    machine.setConfiguration(1, capability + 3, .byte, 0)
    #expect(log.take() == [.set(0, nil)])
    #expect(!signals.isEnabled)
    signals.signal(0)
    #expect(log.take().isEmpty)
  }

  @Test func vectorsThatAreNotThereOddWidthsAndTheSpaceBetweenAreHarmless() {
    enable()
    for vector in [-1, 3, 0xffff, Int.max] { signals.signal(vector) }
    for offset in UInt64(0)..<0x1000 {
      for width in [AccessWidth.byte, .word, .long, .quad] {
        machine.store(base + offset, width, 0)
        _ = machine.load(base + offset, width)
      }
    }
    machine.store(base + 0x101, .long, 0xffff_ffff)
    #expect(machine.load(base + 0x100, .quad) == 0)
    #expect(!log.take().contains { if case .pulse = $0 { true } else { false } })
  }
}
