import Devices
import GuestMemory
import KVM
import LinuxSystem

/// The memory of a machine that firmware boots: RAM with a hole where a display would be, the firmware's ROM at the end of the first
/// 4 GiB, and the pieces between the two that the chipset has show one or the other.
final class FirmwareMemory {
  /// Slots of KVM's.
  private enum Slot {
    static let low = 0
    static let main = 1
    static let high = 2
    static let rom = 3
    static let firstSegment = 4
  }

  private let memory: GuestMemory
  private let rom: Mapping
  /// Of ``AttributeMap/segments``, those whose slot has memory.
  private var filled = [Bool](repeating: false, count: AttributeMap.segments.count)

  init(_ image: FirmwareImage, memory: GuestMemory) throws(SystemError) {
    self.memory = memory
    rom = try Mapping.anonymous(count: image.bytes.count)
    unsafe UnsafeMutableRawBufferPointer(start: rom.base, count: rom.count).copyBytes(from: image.bytes)
  }

  /// Gives a machine all of it, as it is after a reset: what the chipset can show as RAM shows the ROM.
  func place(in machine: borrowing KVM.VirtualMachine) throws(SystemError) {
    for (index, region) in memory.regions.enumerated() {
      guard index == 0 else {
        try machine.setMemory(
          slot: Slot.high, guest: region.start.rawValue, host: region.host, size: region.count)
        continue
      }
      let (hole, end) = (MemoryMap.lowHole, region.count)
      try machine.setMemory(slot: Slot.low, guest: 0, host: region.host, size: min(end, hole.lowerBound))
      guard end > hole.upperBound else { continue }
      try machine.setMemory(
        slot: Slot.main, guest: hole.upperBound, host: region.host + UInt(hole.upperBound),
        size: end - hole.upperBound)
    }
    try machine.setMemory(
      slot: Slot.rom, guest: MemoryMap.firmwareEnd - UInt64(rom.count), host: romAddress(0), size: UInt64(rom.count),
      isReadOnly: true)
    for segment in AttributeMap.segments.indices { try show(segment, [], in: machine) }
  }

  /// Has a piece show what its attributes say. RAM that is written but not read, as code has it that copies the ROM onto itself, KVM has
  /// not: the ROM stays.
  func show(
    _ segment: Int, _ attributes: AttributeMap.Attributes, in machine: borrowing KVM.VirtualMachine
  ) throws(SystemError) {
    let (slot, range) = (Slot.firstSegment + segment, AttributeMap.segments[segment])
    let size = range.upperBound - range.lowerBound
    if filled[segment] { try machine.removeMemory(slot: slot) }
    filled[segment] = false
    if attributes.contains(.reads) {
      guard let ram = unsafe memory.host(GuestAddress(range.lowerBound), count: size)?.baseAddress else { return }
      try machine.setMemory(
        slot: slot, guest: range.lowerBound, host: UInt(bitPattern: ram), size: size,
        isReadOnly: !attributes.contains(.writes))
    } else {
      let shadow = MemoryMap.firmwareShadow
      let fromEnd = shadow.upperBound - range.lowerBound
      guard shadow.contains(range.lowerBound), fromEnd <= rom.count else { return }
      try machine.setMemory(
        slot: slot, guest: range.lowerBound, host: romAddress(rom.count - Int(fromEnd)), size: size, isReadOnly: true)
    }
    filled[segment] = true
  }

  private func romAddress(_ offset: Int) -> UInt { unsafe UInt(bitPattern: rom.base) + UInt(offset) }
}
