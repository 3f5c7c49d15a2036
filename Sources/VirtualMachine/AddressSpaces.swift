import Devices
import KVM
import Synchronization

/// A machine's two buses and the one lock over its device models: models see one access at a time.
///
/// A model may attach and detach ranges while it handles an access (a PCI base address that the guest moves); all
/// other ranges are attached before the machine starts.
final class AddressSpaces: @unchecked Sendable {
  // @unchecked: `ports` and `memory` change only before the start, under the lock, or by the one vCPU that there is.

  var ports = Bus()
  var memory = Bus()
  private let lock = Mutex<Void>(())
  /// Whether an access could meet another's.
  private let isShared: Bool

  /// - Parameter vcpus: how many of them there are, each with a thread of its own.
  init(vcpus: Int) { isShared = vcpus > 1 }

  /// Where the accesses of a vCPU went last: most go to the device of the one before them.
  struct Recent {
    fileprivate var port: BusSlot?
    fileprivate var memory: BusSlot?
  }

  /// Carries out a port access with all its repetitions.
  @inline(__always)
  func perform(_ access: borrowing PortAccess, _ recent: inout Recent) {
    guard let width = AccessWidth(bytes: access.width) else { return }
    let address = UInt64(access.port)
    exclusively {
      if recent.port?.holds(address) != true { recent.port = ports.slot(at: address) }
      guard let slot = recent.port else { return access.answerNobody() }
      let offset = address &- slot.range.lowerBound
      if access.count > 1 {
        performRepeated(access, width, slot.device, offset)
      } else if access.isWrite {
        slot.device.write(offset, width: width, value: access.value)
      } else {
        access.answer(slot.device.read(offset, width: width))
      }
    }
  }

  /// A string instruction: all its accesses go to one offset.
  private func performRepeated(
    _ access: borrowing PortAccess, _ width: AccessWidth, _ device: any BusDevice, _ offset: UInt64
  ) {
    let isWrite = access.isWrite
    unsafe access.withUnsafeBytes { bytes in
      if isWrite {
        unsafe device.writeRepeated(offset, width: width, from: UnsafeRawBufferPointer(bytes))
      } else {
        unsafe device.readRepeated(offset, width: width, into: bytes)
      }
    }
  }

  /// Carries out a memory-mapped access.
  @inline(__always)
  func perform(_ access: borrowing MemoryAccess, _ recent: inout Recent) {
    // A part of an access across a page border: no register has its width.
    guard let width = AccessWidth(bytes: access.width) else { return access.answerNobody() }
    exclusively {
      if recent.memory?.holds(access.address) != true { recent.memory = memory.slot(at: access.address) }
      guard let slot = recent.memory else { return access.answerNobody() }
      let offset = access.address &- slot.range.lowerBound
      if access.isWrite {
        slot.device.write(offset, width: width, value: access.value)
      } else {
        access.answer(slot.device.read(offset, width: width))
      }
    }
  }

  /// Does something while no other vCPU's access is under way.
  @inline(__always)
  private func exclusively(_ body: () -> Void) {
    if isShared { lock.withLock { _ in body() } } else { body() }
  }
}

extension PortAccess {
  /// What no device answers reads as ones.
  fileprivate borrowing func answerNobody() {
    if isWrite { return }
    unsafe withUnsafeBytes { bytes in _ = unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0xff) }
  }
}

extension MemoryAccess {
  /// What no device answers reads as ones.
  fileprivate borrowing func answerNobody() {
    if !isWrite { answer(.max) }
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
