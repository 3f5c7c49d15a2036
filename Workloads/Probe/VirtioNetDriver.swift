import CProbe
import ProbeABI

/// A driver for one queue pair of a virtio network interface (virtio 1.2 §5.1).
///
/// Nothing is allocated, and nothing that the device writes is believed: what cannot be ends the device's use, and from then on
/// every call fails. Frames are sent from where they lie, and those that arrive are handed out where the device put them. Memory
/// is identity-mapped: a pointer is a physical address. The value stays where `device(_:)` found it.
struct VirtioNetDriver<Queue: VirtioQueue> {
  /// Numbers of the queues (§5.1.2).
  private static var receiveQueue: UInt16 { 0 }
  private static var sendQueue: UInt16 { 1 }
  private static var controlQueue: UInt16 { 2 }
  /// Most frames that are on their way in either direction, where buffers are small and where they hold the largest frame.
  private static var useful: UInt16 { 256 }
  private static var usefulLarge: UInt16 { 64 }
  /// Bytes of a buffer: mergeable ones, those for a plain frame, those for the largest.
  private static var mergeableSize: UInt32 { 4096 }
  private static var plainSize: UInt32 { 2048 }
  private static var largeSize: UInt32 { 68 << 10 }
  /// Bytes of a sent frame's header and of its indirect table.
  static var slotSize: UInt64 { 64 }
  static var slotTable: UInt64 { 16 }

  var sender: Queue
  var receiver: Queue
  /// For commands; without a control queue nothing is ever added.
  var commander: Queue?
  /// The features that were negotiated.
  let features: UInt64
  let sendBell: VirtioQueueDoorbell
  let receiveBell: VirtioQueueDoorbell
  let commandBell: VirtioQueueDoorbell?
  /// The interface's address, six bytes, the first one lowest.
  let address: UInt64
  var sleep: DeviceSleep
  /// Where an interrupt is acknowledged; 0 where none needs to be.
  var acknowledge: UInt64
  /// Interrupts that were taken when the line was last acknowledged.
  var acknowledged: UInt64 = 0
  /// Whether the device broke the protocol.
  var isBroken = false

  /// By tag, headers and tables of sent frames, and whether one is on its way.
  let slots: UInt64
  var isBusy = InlineArray<256, Bool>(repeating: false)
  var busyCount: UInt32 = 0

  let buffers: VirtioNetBuffers
  /// Frames that the caller has, oldest first: the first buffer of each and how many it takes up.
  var lent = InlineArray<256, UInt32>(repeating: 0)
  var firstLent: UInt32 = 0
  var lastLent: UInt32 = 0
  /// Two cache lines for commands.
  let commands: UInt64

  /// Brings a device into order that `begin` has reset (virtio 1.2 §3.1.1, from step 4 on).
  /// - Parameters:
  ///   - offered: what `begin` returned.
  ///   - wanted: features to take where offered, beside those always taken.
  ///   - memory: for rings and buffers; what is used is taken from it.
  ///   - sleep: for its interrupt.
  init<Transport: VirtioTransport>(
    _ transport: Transport, offered: UInt64, wanted: UInt64, memory: inout Region, sleep: DeviceSleep
  ) throws(DeviceError) {
    let features = VirtioNetFeatures.consistent(offered & (VirtioNetFeatures.always | wanted))
    self.features = features
    try transport.negotiate(features)
    let hasAddress = features & VirtioNetFeatures.address != 0
    address =
      hasAddress
      ? UInt64(transport.configuration(0)) | UInt64(transport.configuration(4) & 0xffff) << 32 : 0x0900_004d_4e02
    let isMergeable = features & VirtioNetFeatures.mergeable != 0
    let isLarge = !isMergeable && features & VirtioNetFeatures.guestTCP4 != 0
    let isIndirect = features & VirtioFeatures.indirect != 0
    let receiveSize = transport.ringSize(
      Self.receiveQueue, useful: isLarge ? Self.usefulLarge : Self.useful, isPacked: Queue.isPacked)
    let sendSize = transport.ringSize(
      Self.sendQueue, useful: isIndirect ? Self.useful : 2 * Self.useful, isPacked: Queue.isPacked)
    guard receiveSize >= 2, sendSize >= 4 else {
      throw transport.giveUp("the virtio network interface has no queues for frames")
    }
    let size = isMergeable ? Self.mergeableSize : isLarge ? Self.largeSize : Self.plainSize
    guard
      let buffers = VirtioNetBuffers(&memory, size: size, count: min(receiveSize, 256), isMergeable: isMergeable),
      let slots = memory.carve(256 * Self.slotSize), let commands = memory.carve(128)
    else { throw transport.giveUp("no memory for the virtio driver") }
    self.buffers = buffers
    self.slots = slots.address
    self.commands = commands.address
    let usesEvents = features & VirtioFeatures.eventIndex != 0
    let receiving = try transport.start(Self.receiveQueue, size: receiveSize, &memory)
    receiver = Queue(memory: receiving.rings, parts: 1, isIndirect: false, usesEvents: usesEvents)
    receiveBell = receiving.doorbell
    let sending = try transport.start(Self.sendQueue, size: sendSize, &memory)
    sender = Queue(memory: sending.rings, parts: 2, isIndirect: isIndirect, usesEvents: usesEvents)
    sendBell = sending.doorbell
    if features & VirtioNetFeatures.controlReceive != 0 {
      let size = transport.ringSize(Self.controlQueue, useful: 16, isPacked: Queue.isPacked)
      guard size >= 4 else { throw transport.giveUp("the virtio network interface has no queue for commands") }
      let commanding = try transport.start(Self.controlQueue, size: size, &memory)
      commander = Queue(memory: commanding.rings, parts: 3, isIndirect: false, usesEvents: usesEvents)
      commandBell = commanding.doorbell
    } else {
      commander = nil
      commandBell = nil
    }
    try transport.finish()
    self.sleep = sleep
    acknowledge = transport.acknowledge
    for index in 0..<buffers.count { give(index) }
    if receiver.publish() { receiveBell.ring() }
  }

  /// Whether the device may deliver a frame in several buffers.
  var isMergeable: Bool { features & VirtioNetFeatures.mergeable != 0 }

  /// Gives the device a receive buffer.
  @inline(__always)
  mutating func give(_ index: UInt16) {
    receiver.add(
      VirtioQueueChain(
        head: buffers.address(index), headLength: buffers.size, headIsWritable: true, data: 0, length: 0,
        isWritable: false, tail: 0, tailLength: 0, table: 0),
      tag: index)
  }
}
