import Devices
import KVM
import Synchronization

/// A machine's two buses and the one lock over its device models: models see one access at a time.
///
/// A model may attach and detach ranges while it handles an access (a PCI base address that the guest moves); everybody else
/// attaches before the machine starts.
final class AddressSpaces: @unchecked Sendable {
  // @unchecked: `ports` and `memory` change only before the start or under the lock.

  var ports = Bus()
  var memory = Bus()
  private let lock = Mutex<Void>(())

  /// Carries out a port access with all its repetitions.
  @inline(__always)
  func perform(_ access: PortAccess) {
    guard let width = AccessWidth(rawValue: UInt8(truncatingIfNeeded: access.width)) else { return }
    lock.withLock { _ in
      guard let (device, offset) = ports.find(UInt64(access.port)) else { return float(access) }
      if access.count > 1 {
        let bytes = unsafe UnsafeMutableRawBufferPointer(start: access.data, count: access.width * access.count)
        if access.isWrite {
          unsafe device.writeRepeated(offset, width: width, from: UnsafeRawBufferPointer(bytes))
        } else {
          unsafe device.readRepeated(offset, width: width, into: bytes)
        }
      } else if access.isWrite {
        device.write(offset, width: width, value: unsafe Self.load(access.data, width))
      } else {
        unsafe Self.store(device.read(offset, width: width), access.data, width)
      }
    }
  }

  /// Carries out a memory-mapped access.
  @inline(__always)
  func perform(_ access: MemoryAccess) {
    guard let width = AccessWidth(rawValue: UInt8(truncatingIfNeeded: access.width)) else { return float(access) }
    lock.withLock { _ in
      let found = memory.find(access.address)
      if access.isWrite {
        found?.device.write(found!.offset, width: width, value: unsafe Self.load(access.data, width))
      } else {
        let value = found?.device.read(found!.offset, width: width) ?? width.mask
        unsafe Self.store(value, access.data, width)
      }
    }
  }

  /// Nobody answers: reads see all ones.
  private func float(_ access: PortAccess) {
    guard !access.isWrite else { return }
    unsafe access.data.initializeMemory(as: UInt8.self, repeating: 0xff, count: access.width * access.count)
  }

  /// A width that no register has, the part of an access that lies over a border: nobody answers.
  private func float(_ access: MemoryAccess) {
    guard !access.isWrite, access.width <= 8 else { return }
    unsafe access.data.initializeMemory(as: UInt8.self, repeating: 0xff, count: access.width)
  }

  @inline(__always)
  private static func load(_ place: UnsafeMutableRawPointer, _ width: AccessWidth) -> UInt64 {
    switch width {
    case .byte: unsafe UInt64(place.loadUnaligned(as: UInt8.self))
    case .word: unsafe UInt64(place.loadUnaligned(as: UInt16.self))
    case .long: unsafe UInt64(place.loadUnaligned(as: UInt32.self))
    case .quad: unsafe place.loadUnaligned(as: UInt64.self)
    }
  }

  @inline(__always)
  private static func store(_ value: UInt64, _ place: UnsafeMutableRawPointer, _ width: AccessWidth) {
    switch width {
    case .byte: unsafe place.storeBytes(of: UInt8(truncatingIfNeeded: value), as: UInt8.self)
    case .word: unsafe place.storeBytes(of: UInt16(truncatingIfNeeded: value), as: UInt16.self)
    case .long: unsafe place.storeBytes(of: UInt32(truncatingIfNeeded: value), as: UInt32.self)
    case .quad: unsafe place.storeBytes(of: value, as: UInt64.self)
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
