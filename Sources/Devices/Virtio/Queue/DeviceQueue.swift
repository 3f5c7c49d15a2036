import GuestMemory

/// The device's side of a virtqueue: split or packed (virtio 1.2 §2.7, §2.8). One thread uses it at a time.
///
/// The three areas are checked against RAM once and kept as host pointers, which stay valid for as long as the guest's memory
/// is mapped. Everything that is read from them is read once, as the guest may change it at any moment, and checked.
protocol DeviceQueue: ~Copyable {
  /// - Throws: `VirtqueueFailure` where the size or an area is impossible.
  init(_ layout: VirtqueueLayout, features: VirtioFeatures, window: GuestWindow) throws(VirtqueueFailure)

  /// Takes the next available buffer into `chain`. Returns false where there is none.
  mutating func pop(_ chain: inout DescriptorChain) throws(VirtqueueFailure) -> Bool
  /// Prefetches what the next `pop` reads.
  func prefetch()
  /// Gives a buffer back; the driver sees it with the next `publish`.
  mutating func push(id: UInt16, elements: UInt16, written: UInt32)
  /// Makes everything given back visible to the driver.
  mutating func publish()
  /// Whether the driver wants an interrupt for what was published since this was last asked (§2.7.7, §2.8.10).
  mutating func wantsInterrupt() -> Bool
  /// Tells the driver that doorbells are not needed. It may still ring.
  mutating func disableDoorbell()
  /// Tells the driver to ring for the next buffer. Returns true where there is one already, for which it need not ring.
  mutating func enableDoorbell() -> Bool
}
