import Devices
import Testing

@Suite struct PCIConfigurationTests {
  let machine = PCIMachine()

  @Test func theChipsetIsFoundWhereDriversLookForIt() {
    machine.pci.attach(PCIChipset.hostBridge(), device: 0)
    machine.pci.attach(PCIChipset.isaBridge(), device: 1)
    let identity = PCIIdentity(vendor: 0x8086, device: 0x7010, classCode: 0x010180)
    machine.pci.attach(PCIFunction(identity, name: "IDE"), device: 1, function: 1)

    #expect(machine.configuration(0, 0) == 0x1237_8086)
    #expect(machine.configuration(0, 8) >> 8 == 0x060000)
    #expect(machine.configuration(1, 0) == 0x7000_8086)
    #expect(machine.configuration(1, 0x0e, .byte) == 0x80, "device 1 has more than one function")
    #expect(machine.configuration(0, 0x0e, .byte) == 0)
    #expect(machine.configuration(1, function: 1, 0) == 0x7010_8086)
    #expect(machine.configuration(1, function: 1, 0x0b, .byte) == 0x01)
    #expect(machine.configuration(1, function: 1, 0x0a, .byte) == 0x01)
  }

  @Test func emptySlotsOtherBusesAndAMechanismThatIsOffReadAsOnes() {
    machine.pci.attach(PCIChipset.hostBridge(), device: 0)

    #expect(machine.configuration(2, 0) == 0xffff_ffff)
    machine.output(0xcf8, .long, 0x8001_0000)
    #expect(machine.input(0xcfc, .long) == 0xffff_ffff)
    machine.output(0xcf8, .long, 0)
    #expect(machine.input(0xcfc, .long) == 0xffff_ffff)
  }

  @Test(arguments: [0, 4, 8, 0x0c, 0x2c, 0x3c])
  func bytesAndWordsOfARegisterAreItsParts(register: Int) {
    let identity = PCIIdentity(
      vendor: 0x1234, device: 0x5678, classCode: 0x9abcde, revision: 0xf1, subsystemVendor: 0x1357, subsystem: 0x2468)
    machine.pci.attach(PCIFunction(identity, name: "parts", interruptPin: 1), device: 3)
    let whole = machine.configuration(3, register)

    for byte in 0..<4 {
      #expect(machine.configuration(3, register + byte, .byte) == whole >> UInt32(byte * 8) & 0xff)
    }
    for byte in 0..<3 {
      #expect(machine.configuration(3, register + byte, .word) == whole >> UInt32(byte * 8) & 0xffff)
    }
    #expect(machine.configuration(3, register + 3, .word) == 0xff00 | whole >> 24, "past the window there are ones")
  }

  @Test func identityCannotBeWrittenTheInterruptLineCan() {
    machine.pci.attach(PCIChipset.hostBridge(), device: 0)
    machine.setConfiguration(0, 0, .long, 0xffff_ffff)
    machine.setConfiguration(0, 8, .long, 0)
    machine.setConfiguration(0, 0x3c, .byte, 0x0b)

    #expect(machine.configuration(0, 0) == 0x1237_8086)
    #expect(machine.configuration(0, 8) == 0x0600_0002)
    #expect(machine.configuration(0, 0x3c, .word) == 0x000b)
  }

  @Test func capabilitiesFormAListThatEnds() {
    let device = PCIDeviceFunction(PCIIdentity(vendor: 1, device: 2, classCode: 0xff0000), name: "listed")
    let first = device.addCapability(0x09, body: [16, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    let second = device.addCapability(0x09, body: [5, 2, 3])
    machine.pci.attach(device.function, device: 4)

    #expect(machine.configuration(4, 6, .word) & 0x10 != 0)
    #expect(machine.configuration(4, 0x34, .byte) == UInt32(first))
    #expect(machine.configuration(4, first, .word) == UInt32(second) << 8 | 0x09)
    #expect(machine.configuration(4, second, .word) == 0x0009)
    #expect(machine.configuration(4, second + 2, .byte) == 5)
    #expect(second % 4 == 0)
  }

  @Test func anOverlayAnswersItsOwnBytesAndNoOthers() {
    let function = PCIFunction(PCIIdentity(vendor: 1, device: 2, classCode: 0), name: "overlaid")
    let window = ScratchRegion()
    let offset = function.addCapability(0x09, body: [UInt8](repeating: 0x77, count: 18))
    function.overlay(window, at: offset + 16..<offset + 20)
    machine.pci.attach(function, device: 5)

    machine.setConfiguration(5, offset + 16, .long, 0x1122_3344)
    machine.setConfiguration(5, offset + 12, .long, 0)
    #expect(window.values == [0: 0x1122_3344])
    #expect(machine.configuration(5, offset + 16) == 0x1122_3344)
    #expect(machine.configuration(5, offset + 12) == 0x7777_7777)
  }

  @Test func aResetIsAskedForOnceForEachRiseOfItsBit() {
    var resets = 0
    machine.pci.resetRequested = { resets += 1 }

    machine.output(0xcf9, .byte, 0x02)
    #expect(resets == 0)
    machine.output(0xcf9, .byte, 0x06)
    machine.output(0xcf9, .byte, 0x06)
    #expect(resets == 1)
    machine.output(0xcf9, .byte, 0x00)
    machine.output(0xcf9, .byte, 0x04)
    #expect(resets == 2)
  }
}
