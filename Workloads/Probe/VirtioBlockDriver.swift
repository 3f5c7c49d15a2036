import CProbe
import ProbeABI

/// A driver for one queue of a virtio block device (virtio 1.2 §5.2).
///
/// The way of a request has no register access but the doorbell, and that only where the device asks for it; polling
/// has no interrupt either. Nothing is allocated, and nothing that the device writes is believed: what cannot be is
/// returned as a completion of tag 65535, which nobody has in flight, and ends the device's use. Memory is
/// identity-mapped: a pointer is a physical address. The value stays where `device(_:)` found it.
struct VirtioBlockDriver<Queue: VirtioQueue> {
  var queue: Queue
  let disk: VirtioBlockDisk
  let doorbell: VirtioQueueDoorbell
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

  /// Starts one of a device's queues, before `finish` lets the device begin.
  /// - Parameters:
  ///   - disk: what was agreed with the device.
  ///   - number: of the queue.
  ///   - descriptors: most of them in the ring; as many as 256 requests need is all that is of use. Four make the ring of a single
  ///     request, which has lines of its own: `VirtioBlockSlot.Single`.
  ///   - memory: for rings and requests; what is used is taken from it.
  ///   - sleep: for its interrupt.
  init<Transport: VirtioTransport>(
    _ transport: Transport, _ disk: VirtioBlockDisk, queue number: UInt16, descriptors: UInt16,
    memory: inout Region, sleep: DeviceSleep
  ) throws(DeviceError) {
    self.disk = disk
    let isIndirect = disk.features & VirtioFeatures.indirect != 0
    let useful = isIndirect ? 256 : VirtioQueueMemory.largest
    let size = transport.ringSize(number, useful: min(descriptors, useful), isPacked: Queue.isPacked)
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
      doorbell = try transport.start(number, rings)
    } else {
      (rings, doorbell) = try transport.start(number, size: size, &memory)
    }
    queue = Queue(
      memory: rings, parts: 3, isIndirect: isIndirect, usesEvents: disk.features & VirtioFeatures.eventIndex != 0)
    self.sleep = sleep
    acknowledge = transport.acknowledge
  }
}
