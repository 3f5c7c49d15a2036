import CProbe
import ProbeABI

/// A driver for one queue of a virtio block device (virtio 1.2 §5.2).
///
/// The way of a request has no register access but the doorbell, and that only where the device asks for it; polling
/// has no interrupt either. Nothing is allocated, and nothing that the device writes is believed: what cannot be is
/// returned as a completion of tag 65535, which nobody has in flight, and ends the device's use. Memory is
/// identity-mapped: a pointer is a physical address. The value stays where `device(_:)` found it.
struct VirtioBlockDriver<Queue: VirtioQueue> {
  /// Most bytes of one request, where the device sets no limit.
  private static var largestRequest: UInt32 { 4 << 20 }

  var queue: Queue
  /// The features that were negotiated.
  let features: UInt64
  let doorbell: VirtioQueueDoorbell
  /// Sectors of the disk.
  let sectors: UInt64
  /// Most bytes of one request.
  let maximum: UInt32
  var sleep: DeviceSleep
  /// Where an interrupt is acknowledged; 0 where none needs to be.
  var acknowledge: UInt64
  /// Interrupts that were taken when the line was last acknowledged.
  var acknowledged: UInt64 = 0
  /// Whether the device broke the protocol.
  var isBroken = false
  var inFlight: UInt32 = 0
  /// `VirtioBlockSlot`s by tag.
  let slots: UInt64
  /// Whether there is one request at a time, whose slot is a `VirtioBlockSlot.Single`.
  let isSingle: Bool
  /// By tag, the bytes that the device may write for the request in flight; 0 where there is none.
  var writable = InlineArray<256, UInt32>(repeating: 0)

  /// Brings a device into order that `begin` has reset (virtio 1.2 §3.1.1, from step 4 on).
  /// - Parameters:
  ///   - offered: what `begin` returned.
  ///   - wanted: features to take where offered, beside those always taken.
  ///   - descriptors: most of them in the ring; as many as 256 requests need is all that is of use. Four make the ring of a single
  ///     request, which has lines of its own: `VirtioBlockSlot.Single`.
  ///   - memory: for rings and requests; what is used is taken from it.
  ///   - sleep: for its interrupt.
  init<Transport: VirtioTransport>(
    _ transport: Transport, offered: UInt64, wanted: UInt64, descriptors: UInt16, memory: inout Region,
    sleep: DeviceSleep
  ) throws(DeviceError) {
    features = offered & (VirtioBlockFeatures.always | wanted)
    try transport.negotiate(features)
    (sectors, maximum) = Self.limits(transport, features)
    guard sectors > 0, sectors <= 1 << 53, maximum >= 512 else {
      throw transport.giveUp("the virtio disk has no sectors, or takes none in a request")
    }
    let isIndirect = features & VirtioFeatures.indirect != 0
    let useful = isIndirect ? 256 : VirtioQueueMemory.largest
    let size = transport.ringSize(0, useful: min(descriptors, useful), isPacked: Queue.isPacked)
    guard size >= 4 else { throw transport.giveUp("the virtio device has no queue for requests") }
    guard let slots = memory.carve(256 * VirtioBlockSlot.size) else {
      throw transport.giveUp("no memory for the virtio driver")
    }
    self.slots = slots.address
    let rings: VirtioQueueMemory
    isSingle = size == VirtioBlockSlot.Single.descriptors && !isIndirect && !Queue.isPacked
    if isSingle {
      VirtioBlockSlot.clear(slots.address)
      rings = VirtioQueueMemory(in: slots.address)
      doorbell = try transport.start(0, rings)
    } else {
      (rings, doorbell) = try transport.start(0, size: size, &memory)
    }
    queue = Queue(
      memory: rings, parts: 3, isIndirect: isIndirect, usesEvents: features & VirtioFeatures.eventIndex != 0)
    try transport.finish()
    self.sleep = sleep
    acknowledge = transport.acknowledge
  }

  /// Sectors and most bytes of a request; read again while the configuration changes under the reading (§4.2.2.2).
  private static func limits<Transport: VirtioTransport>(
    _ transport: Transport, _ features: UInt64
  ) -> (sectors: UInt64, maximum: UInt32) {
    var sectors: UInt64 = 0
    var maximum = largestRequest
    for _ in 0..<16 {
      let generation = transport.generation
      sectors = UInt64(transport.configuration(0)) | UInt64(transport.configuration(4)) << 32
      if features & VirtioBlockFeatures.sizeMaximum != 0 {
        maximum = min(largestRequest, transport.configuration(8) & ~511)
      }
      if transport.generation == generation { break }
    }
    return (sectors, maximum)
  }
}
