/// Memory of one virtqueue: descriptors, the area that the driver writes, the area that the device writes.
struct VirtioQueueMemory {
  /// Descriptors in the ring.
  let size: UInt16
  let descriptors: UnsafeMutablePointer<UInt64>
  let driver: UnsafeMutableRawPointer
  let device: UnsafeMutableRawPointer

  /// The largest ring that the driver makes: room for 256 chains of three.
  static var largest: UInt16 { 1024 }

  /// Carves the parts, zeroed, each on pages of its own: no line is written by both sides. Both ring formats fit.
  init?(_ region: inout Region, size: UInt16) {
    let count = UInt64(size)
    guard let descriptors = region.carve(count * 16), let driver = region.carve(6 + count * 2),
      let device = region.carve(6 + count * 8)
    else { return nil }
    self.size = size
    self.descriptors = descriptors.pointer(to: UInt64.self)
    self.driver = UnsafeMutableRawPointer(driver.pointer(to: UInt8.self))
    self.device = UnsafeMutableRawPointer(device.pointer(to: UInt8.self))
    Self.clear(descriptors)
    Self.clear(driver)
    Self.clear(device)
  }

  /// The split ring of a single request, in the three lines of `VirtioBlockSlot.Single`.
  /// - Parameter slot: zeroed, at a multiple of 64.
  init(in slot: UInt64) {
    size = VirtioBlockSlot.Single.descriptors
    let base = UnsafeMutableRawPointer(bitPattern: UInt(slot)).unsafelyUnwrapped
    driver = base + VirtioBlockSlot.Single.driver
    device = base + VirtioBlockSlot.Single.device
    descriptors = (base + VirtioBlockSlot.Single.table).assumingMemoryBound(to: UInt64.self)
  }

  /// Zeroes a part, up to the end of its last word.
  private static func clear(_ part: Region) {
    let words = part.pointer(to: UInt64.self)
    for index in 0..<Int((part.count + 7) / 8) { words[index] = 0 }
  }
}
