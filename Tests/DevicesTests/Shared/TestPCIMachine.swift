import Devices
import GuestMemory
import Synchronization

/// A bus for regions of memory, as a machine has it.
final class TestPCIMachine: BARHost {
  private var memory = Bus()
  private(set) lazy var pci = PCIBus(host: self)

  func attach(_ device: any BusDevice, name: String, space: PCISpace, at range: Range<UInt64>) -> Bool {
    (try? memory.attach(device, name: name, at: range)) != nil
  }
  func detach(_ device: any BusDevice, space: PCISpace) { memory.detach(device) }

  func read(_ address: UInt64, _ width: AccessWidth) -> UInt64 { memory.read(address, width: width) }
  func write(_ address: UInt64, _ width: AccessWidth, _ value: UInt64) {
    guard let (device, offset) = memory.find(address) else { return }
    device.write(offset, width: width, value: value & width.mask)
  }

  /// Configuration space of device 3, by mechanism 1.
  func configuration(_ offset: UInt8, _ width: AccessWidth = .long) -> UInt32 {
    pci.write(0, width: .long, value: 0x8000_1800 | UInt64(offset & 0xfc))
    return UInt32(truncatingIfNeeded: pci.read(4 + UInt64(offset & 3), width: width))
  }
  func setConfiguration(_ offset: UInt8, _ width: AccessWidth, _ value: UInt32) {
    pci.write(0, width: .long, value: 0x8000_1800 | UInt64(offset & 0xfc))
    pci.write(4 + UInt64(offset & 3), width: width, value: UInt64(value))
  }
}

/// Message-signalled interrupts, counted by vector.
final class TestMessages: MessageInterrupts {
  private let pulses = Mutex<[Int: Int]>([:])
  private let messages = Mutex<[Int: InterruptMessage]>([:])

  func set(vector: Int, message: InterruptMessage?) { messages.withLock { $0[vector] = message } }
  func pulse(vector: Int) { pulses.withLock { $0[vector, default: 0] += 1 } }

  func count(_ vector: Int) -> Int { pulses.withLock { $0[vector, default: 0] } }
  func message(_ vector: Int) -> InterruptMessage? { messages.withLock { $0[vector] } }
}
