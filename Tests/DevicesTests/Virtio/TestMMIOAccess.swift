import Devices
import GuestMemory

/// virtio-mmio's registers (virtio 1.2 §4.2.2).
final class TestMMIOAccess: TestAccess {
  let transport: VirtioMMIO
  let line: CountingLine

  init(_ device: any VirtioDevice) throws {
    line = CountingLine()
    transport = VirtioMMIO(device, line: line)
  }

  subscript(offset: UInt64) -> UInt32 {
    get { UInt32(transport.read(offset, width: .long)) }
    set { transport.write(offset, width: .long, value: UInt64(newValue)) }
  }

  var status: UInt8 {
    get { UInt8(self[0x70]) }
    set { self[0x70] = UInt32(newValue) }
  }

  func offeredFeatures(_ half: UInt32) -> UInt32 {
    self[0x14] = half
    return self[0x10]
  }

  func setFeatures(_ half: UInt32, _ value: UInt32) {
    self[0x24] = half
    self[0x20] = value
  }

  func enable(_ queue: UInt32, _ layout: VirtqueueLayout) -> Bool {
    self[0x30] = queue
    self[0x38] = UInt32(layout.size)
    let areas: [(UInt64, GuestAddress)] = [
      (0x80, layout.descriptorArea), (0x90, layout.driverArea), (0xa0, layout.deviceArea),
    ]
    for (offset, area) in areas {
      self[offset] = UInt32(truncatingIfNeeded: area.rawValue)
      self[offset + 4] = UInt32(area.rawValue >> 32)
    }
    self[0x44] = 1
    return self[0x44] == 1
  }

  func notify(_ queue: UInt32) { self[0x50] = queue }
  func configuration(_ offset: UInt64, _ width: AccessWidth) -> UInt64 { transport.read(0x100 + offset, width: width) }
  var interrupts: Int { line.pulses }
}
