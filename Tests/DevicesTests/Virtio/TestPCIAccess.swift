import Devices
import GuestMemory
import Testing

/// A virtio function behind a real PCI bus, found by its capabilities alone (virtio 1.2 §4.1.4).
final class TestPCIAccess: TestAccess {
  let machine = TestPCIMachine()
  let messages = TestMessages()
  let line: CountingLine
  let transport: VirtioPCI
  /// Address and length of each structure, by capability type.
  private(set) var places: [UInt8: (address: UInt64, length: UInt32)] = [:]
  /// Where each capability stands in configuration space, by type; MSI-X is 0x11.
  private(set) var capabilities: [UInt8: UInt8] = [:]
  private(set) var doorbellStride: UInt64 = 0

  init(_ device: any VirtioDevice) throws {
    line = CountingLine()
    transport = try VirtioPCI(device, name: "disk", classCode: 0x010000, messages: messages, line: line)
    machine.pci.attach(transport.function, device: 3)
    try machine.pci.assignBaseAddresses(ports: 0xc000..<0xd000, memory: 0xe000_0000..<0xe010_0000)
    try scan()
  }

  private func scan() throws {
    var at = UInt8(machine.configuration(0x34, .byte))
    for _ in 0..<16 where at != 0 {
      if machine.configuration(at, .byte) == 0x11 { capabilities[0x11] = at }
      if machine.configuration(at, .byte) == 0x09 {
        let type = UInt8(machine.configuration(at + 3, .byte))
        let bar = UInt8(machine.configuration(at + 4, .byte))
        let base = UInt64(machine.configuration(0x10 + bar * 4) & ~0xf)
        places[type] = (base + UInt64(machine.configuration(at + 8)), machine.configuration(at + 12))
        capabilities[type] = at
        if type == 2 { doorbellStride = UInt64(machine.configuration(at + 16)) }
      }
      at = UInt8(machine.configuration(at + 1, .byte))
    }
    try #require(Set(capabilities.keys) == [0x11, 1, 2, 3, 4, 5])
  }

  func common(_ offset: UInt64, _ width: AccessWidth) -> UInt64 { machine.read(places[1]!.address + offset, width) }
  func setCommon(_ offset: UInt64, _ width: AccessWidth, _ value: UInt64) {
    machine.write(places[1]!.address + offset, width, value)
  }

  var status: UInt8 {
    get { UInt8(common(0x14, .byte)) }
    set { setCommon(0x14, .byte, UInt64(newValue)) }
  }

  func offeredFeatures(_ half: UInt32) -> UInt32 {
    setCommon(0x00, .long, UInt64(half))
    return UInt32(common(0x04, .long))
  }

  func setFeatures(_ half: UInt32, _ value: UInt32) {
    setCommon(0x08, .long, UInt64(half))
    setCommon(0x0c, .long, UInt64(value))
  }

  func enable(_ queue: UInt32, _ layout: VirtqueueLayout) -> Bool {
    setCommon(0x16, .word, UInt64(queue))
    setCommon(0x18, .word, UInt64(layout.size))
    setCommon(0x20, .quad, layout.descriptorArea.rawValue)
    setCommon(0x28, .long, layout.driverArea.rawValue)
    setCommon(0x2c, .long, layout.driverArea.rawValue >> 32)
    setCommon(0x30, .quad, layout.deviceArea.rawValue)
    setCommon(0x1a, .word, UInt64(queue + 1))
    setCommon(0x1c, .word, 1)
    return common(0x1c, .word) == 1
  }

  func notify(_ queue: UInt32) {
    setCommon(0x16, .word, UInt64(queue))
    let offset = common(0x1e, .word) * doorbellStride
    machine.write(places[2]!.address + offset, .word, UInt64(queue))
  }

  func configuration(_ offset: UInt64, _ width: AccessWidth) -> UInt64 {
    machine.read(places[4]!.address + offset, width)
  }
  var interrupts: Int { line.pulses }

  /// Turns MSI-X on with an open message for every vector.
  func enableMessages(_ count: Int) {
    let control = capabilities[0x11]!
    let table = UInt64(machine.configuration(control + 4))
    let base = UInt64(machine.configuration(0x10 + UInt8(table & 7) * 4) & ~0xf) + table & ~7
    for vector in 0..<UInt64(count) {
      machine.write(base + vector * 16, .long, 0xfee0_0000)
      machine.write(base + vector * 16 + 8, .long, 0x40 + vector)
      machine.write(base + vector * 16 + 12, .long, 0)
    }
    machine.setConfiguration(control + 2, .word, 0x8000)
    setCommon(0x10, .word, 0)
  }
}
