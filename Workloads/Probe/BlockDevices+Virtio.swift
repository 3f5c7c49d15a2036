import ProbeABI

extension BlockDevices {
  /// The type of a virtio block device (virtio 1.2 §5).
  private static var virtioType: UInt16 { 2 }

  private var interrupts: VirtioInterrupts { VirtioInterrupts(diskOf: min(processors, Self.queues(options))) }

  mutating func findMMIO() throws(DeviceError) -> Bool {
    var index = 0
    while let word = options.value(VirtioMMIOWindow.key, skip: index) {
      index += 1
      guard let window = VirtioMMIOWindow(word) else {
        throw DeviceError(reason: "expected virtio_mmio.device=SIZE@BASE:IRQ")
      }
      if let transport = try VirtioMMIOTransport(window, type: Self.virtioType, interrupts) {
        try start(transport)
        return true
      }
    }
    return false
  }

  mutating func findPCI() throws(DeviceError) -> Bool {
    guard PCIScan.isThere,
      let transport = try VirtioPCITransport.find(type: Self.virtioType, transitional: 0x1001, interrupts)
    else { return false }
    try start(transport)
    return true
  }

  private mutating func start<Transport: VirtioTransport>(_ transport: Transport) throws(DeviceError) {
    let offered = try transport.begin(tscKilohertz: tscKilohertz)
    var wanted: UInt64 = 0
    if options["block_event_idx"] != 0 { wanted |= VirtioFeatures.eventIndex }
    if options["block_indirect"] == 1 { wanted |= VirtioFeatures.indirect }
    if let ring = options.value("block_ring"), ring.equals("packed") { wanted |= VirtioFeatures.packed }
    let queues = Self.queues(options)
    if queues > 1 { wanted |= VirtioBlockFeatures.multipleQueues }
    let disk = try VirtioBlockDisk(transport, offered: offered, wanted: wanted)
    guard disk.queues >= queues else {
      throw transport.giveUp("the virtio disk has fewer queues than block_queues= asks for")
    }
    if disk.features & VirtioFeatures.packed != 0 {
      try drive(transport, disk, VirtioBlockQueues<VirtioQueuePacked>.device)
    } else {
      try drive(transport, disk, VirtioBlockQueues<VirtioQueueSplit>.device)
    }
  }

  /// Starts the queues and makes a device of those of each processor.
  /// - Parameter device: makes it, in the memory that is given.
  private mutating func drive<Transport: VirtioTransport, Queue: VirtioQueue>(
    _ transport: Transport, _ disk: VirtioBlockDisk,
    _ device: (VirtioBlockQueues<Queue>, UnsafeMutablePointer<VirtioBlockQueues<Queue>>) -> nm_block_device
  ) throws(DeviceError) {
    let (queues, interrupts) = (Self.queues(options), interrupts)
    var shares = InlineArray<16, VirtioBlockQueues<Queue>?>(repeating: nil)
    for processor in 0..<interrupts.processors {
      let count = (queues - processor - 1) / interrupts.processors + 1
      let drivers = try place(VirtioBlockDriver<Queue>.self, count: count)
      for index in 0..<count {
        (drivers + Int(index)).initialize(
          to: try VirtioBlockDriver(
            transport, disk, queue: processor + index * interrupts.processors,
            descriptors: UInt16(clamping: options["block_queue"] ?? UInt64(UInt16.max)), memory: &memory,
            sleep: DeviceSleep(vector: interrupts.vector, tscKilohertz: tscKilohertz)))
      }
      let share = VirtioBlockQueues(drivers: drivers, count: count)
      shares[Int(processor)] = share
      self.device[Int(processor)] = device(share, try place(VirtioBlockQueues<Queue>.self))
    }
    deviceCount = UInt32(interrupts.processors)
    try transport.finish()
    guard let first = shares[0]?.drivers, let buffer = memory.carve(4096) else { throw Self.noMemory }
    let hasInterrupts = first.pointee.learnLine(buffer.address, tscKilohertz: tscKilohertz)
    guard !first.pointee.isBroken, first.pointee.inFlight == 0 else {
      throw transport.giveUp("the virtio disk does not answer a first read")
    }
    for processor in 0..<Int(interrupts.processors) {
      shares[processor]?.forEach { $0.pointee.acknowledge = first.pointee.acknowledge }
    }
    describe(Transport.name, first.pointee, hasInterrupts)
  }

  private mutating func describe<Queue: VirtioQueue>(
    _ name: StaticString, _ driver: VirtioBlockDriver<Queue>, _ hasInterrupts: Bool
  ) {
    note.append("device=")
    note.append(name)
    note.append(Queue.isPacked ? " ring=packed" : " ring=split")
    note.append(" depth=")
    note.append(UInt64(driver.queue.depth))
    if Self.queues(options) > 1 {
      note.append(" queues=")
      note.append(UInt64(Self.queues(options)))
      note.append(" processors=")
      note.append(UInt64(deviceCount))
    }
    note.append(driver.disk.features & VirtioFeatures.indirect != 0 ? " indirect=1" : " indirect=0")
    note.append(driver.disk.features & VirtioFeatures.eventIndex != 0 ? " event_idx=1" : " event_idx=0")
    note.append(hasInterrupts ? " interrupts=1" : " interrupts=0")
    note.append(driver.acknowledge != 0 ? " acknowledge=1" : " acknowledge=0")
    note.append(" features=")
    note.append(hexadecimal: driver.disk.features)
  }
}
