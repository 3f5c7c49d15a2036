import Devices
import KVM
import Synchronization

/// A machine's two buses and the one lock over its device models: models see one access at a time.
///
/// A model may attach and detach ranges while it handles an access (a PCI base address that the guest moves); all
/// other ranges are attached before the machine starts.
final class AddressSpaces: @unchecked Sendable {
  // @unchecked: `ports` and `memory` change only before the start or under the lock.

  var ports = Bus()
  var memory = Bus()
  private let lock = Mutex<Void>(())

  /// Carries out a port access with all its repetitions.
  @inline(__always)
  func perform(_ access: borrowing PortAccess) {
    guard let width = AccessWidth(rawValue: UInt8(truncatingIfNeeded: access.width)) else { return }
    lock.withLock { _ in
      let found = ports.find(UInt64(access.port))
      if access.count > 1 {
        performRepeated(access, width, found?.device, found?.offset ?? 0)
      } else if access.isWrite {
        found?.device.write(found!.offset, width: width, value: access.value)
      } else {
        access.answer(found?.device.read(found!.offset, width: width) ?? width.mask)
      }
    }
  }

  /// A string instruction: all its accesses go to one offset.
  private func performRepeated(
    _ access: borrowing PortAccess, _ width: AccessWidth, _ device: (any BusDevice)?, _ offset: UInt64
  ) {
    let isWrite = access.isWrite
    unsafe access.withUnsafeBytes { bytes in
      if isWrite {
        unsafe device?.writeRepeated(offset, width: width, from: UnsafeRawBufferPointer(bytes))
      } else if let device {
        unsafe device.readRepeated(offset, width: width, into: bytes)
      } else {
        // No device is there: reads are all ones.
        unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0xff)
      }
    }
  }

  /// Carries out a memory-mapped access.
  @inline(__always)
  func perform(_ access: borrowing MemoryAccess) {
    guard let width = AccessWidth(rawValue: UInt8(truncatingIfNeeded: access.width)) else {
      // A part of an access across a page border: no register has its width.
      if !access.isWrite { access.answer(.max) }
      return
    }
    lock.withLock { _ in
      let found = memory.find(access.address)
      if access.isWrite {
        found?.device.write(found!.offset, width: width, value: access.value)
      } else {
        access.answer(found?.device.read(found!.offset, width: width) ?? width.mask)
      }
    }
  }
}

extension AddressSpaces: BARHost {
  func attach(_ device: any BusDevice, name: String, space: PCISpace, at range: Range<UInt64>) -> Bool {
    // RAM ends below the device window, and nothing may be put over it.
    let window = MemoryMap.deviceWindow
    guard space == .ports || (range.lowerBound >= window.lowerBound && range.upperBound <= window.upperBound) else {
      return false
    }
    do throws(BusOverlap) {
      switch space {
      case .ports: try ports.attach(device, name: name, at: range)
      case .memory: try memory.attach(device, name: name, at: range)
      }
      return true
    } catch {
      return false
    }
  }

  func detach(_ device: any BusDevice, space: PCISpace) {
    switch space {
    case .ports: ports.detach(device)
    case .memory: memory.detach(device)
    }
  }
}
