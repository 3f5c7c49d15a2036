import ProbeABI

/// Finds the machine's disk, brings it into order, and makes it an `nm_block_device` for the jobs.
///
/// Words of the command line choose: `block=` `mmio`, `pci`, `ide-pio`, `ide-dma`, `none` or `auto` (the default: the
/// first of them that is there); for virtio also `block_ring=packed`, `block_queue=DESCRIPTORS`,
/// `block_indirect=1` and `block_event_idx=0`.
struct BlockDevices {
  /// Bytes that `find` needs: rings, requests, drivers, texts.
  static var memorySize: UInt64 { 2 << 20 }

  private let options: CommandLine
  let tscKilohertz: UInt64
  var memory: Region
  var note: TextBuffer
  private let noteStart: UnsafeMutablePointer<UInt8>
  let device: UnsafeMutablePointer<nm_block_device>

  /// - Parameter memory: `memorySize` bytes that are the driver's from now on, below 4 GiB.
  init(_ options: CommandLine, memory: Region, tscKilohertz: UInt64) {
    self.options = options
    self.tscKilohertz = tscKilohertz
    self.memory = memory
    let page = self.memory.carve(4096)!
    device = page.pointer(to: nm_block_device.self)
    noteStart = page.pointer(to: UInt8.self) + 1024
    note = TextBuffer(base: noteStart, capacity: 1024)
  }

  /// Sets the block device of the environment, or what it says of its absence.
  mutating func find(for environment: inout nm_environment) {
    do throws(DeviceError) {
      if try choose() { environment.block = UnsafePointer(device) }
    } catch {
      note.clear()
      note.append(error.reason)
      environment.block_broken = 1
    }
    environment.block_note = note.bytes.count > 0 ? UnsafePointer(noteStart) : nil
    environment.block_note_length = UInt32(note.bytes.count)
  }

  /// Returns whether there is a device.
  private mutating func choose() throws(DeviceError) -> Bool {
    guard let wanted = options.value("block"), !wanted.equals("auto") else {
      if try findMMIO() { return true }
      if try findPCI() { return true }
      return try findIDE(wantsMaster: true, isAutomatic: true)
    }
    if wanted.equals("none") { return false }
    let found: Bool
    if wanted.equals("mmio") {
      found = try findMMIO()
    } else if wanted.equals("pci") {
      found = try findPCI()
    } else if wanted.equals("ide-pio") {
      found = try findIDE(wantsMaster: false, isAutomatic: false)
    } else if wanted.equals("ide-dma") {
      found = try findIDE(wantsMaster: true, isAutomatic: false)
    } else {
      throw DeviceError(reason: "expected block= of mmio, pci, ide-pio, ide-dma, auto or none")
    }
    if !found {
      note.append("this machine has no block device of the kind asked for: ")
      note.append(wanted)
    }
    return found
  }

  // MARK: virtio

  /// The type of a virtio block device (virtio 1.2 §5).
  private static var virtioType: UInt16 { 2 }

  private mutating func findMMIO() throws(DeviceError) -> Bool {
    var index = 0
    while let word = options.value(VirtioMMIOWindow.key, skip: index) {
      index += 1
      guard let window = VirtioMMIOWindow(word) else {
        throw DeviceError(reason: "expected virtio_mmio.device=SIZE@BASE:IRQ")
      }
      if let transport = try VirtioMMIOTransport(window, type: Self.virtioType, vector: Vector.device) {
        try start(transport)
        return true
      }
    }
    return false
  }

  private mutating func findPCI() throws(DeviceError) -> Bool {
    guard PCIScan.isThere,
      let transport = try VirtioPCITransport.find(type: Self.virtioType, transitional: 0x1001, vector: Vector.device)
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
    if offered & wanted & VirtioFeatures.packed != 0 {
      let driver = try drive(transport, offered, wanted, VirtioQueuePacked.self)
      device.pointee = VirtioBlockDriver<VirtioQueuePacked>.device(driver)
    } else {
      let driver = try drive(transport, offered, wanted, VirtioQueueSplit.self)
      device.pointee = VirtioBlockDriver<VirtioQueueSplit>.device(driver)
    }
  }

  private mutating func drive<Transport: VirtioTransport, Queue: VirtioQueue>(
    _ transport: Transport, _ offered: UInt64, _ wanted: UInt64, _ type: Queue.Type
  ) throws(DeviceError) -> UnsafeMutablePointer<VirtioBlockDriver<Queue>> {
    let driver = try place(VirtioBlockDriver<Queue>.self)
    driver.initialize(
      to: try VirtioBlockDriver(
        transport, offered: offered, wanted: wanted,
        descriptors: UInt16(clamping: options["block_queue"] ?? UInt64(UInt16.max)), memory: &memory,
        sleep: DeviceSleep(vector: Vector.device, tscKilohertz: tscKilohertz)))
    guard let buffer = memory.carve(4096) else { throw Self.noMemory }
    let hasInterrupts = driver.pointee.learnLine(buffer.address, tscKilohertz: tscKilohertz)
    guard !driver.pointee.isBroken, driver.pointee.inFlight == 0 else {
      throw transport.giveUp("the virtio disk does not answer a first read")
    }
    describe(Transport.name, driver.pointee, hasInterrupts)
    return driver
  }

  private mutating func describe<Queue: VirtioQueue>(
    _ name: StaticString, _ driver: VirtioBlockDriver<Queue>, _ hasInterrupts: Bool
  ) {
    note.append("device=")
    note.append(name)
    note.append(Queue.isPacked ? " ring=packed" : " ring=split")
    note.append(" depth=")
    note.append(UInt64(driver.queue.depth))
    note.append(driver.features & VirtioFeatures.indirect != 0 ? " indirect=1" : " indirect=0")
    note.append(driver.features & VirtioFeatures.eventIndex != 0 ? " event_idx=1" : " event_idx=0")
    note.append(hasInterrupts ? " interrupts=1" : " interrupts=0")
    note.append(driver.acknowledge != 0 ? " acknowledge=1" : " acknowledge=0")
    note.append(" features=")
    note.append(hexadecimal: driver.features)
  }

  // MARK: Memory

  static var noMemory: DeviceError { DeviceError(reason: "no memory for the block driver") }

  /// Memory for a value that stays where it is.
  mutating func place<Value>(_ type: Value.Type) throws(DeviceError) -> UnsafeMutablePointer<Value> {
    guard let region = memory.carve(UInt64(MemoryLayout<Value>.size), alignment: 64) else { throw Self.noMemory }
    return UnsafeMutableRawPointer(bitPattern: UInt(region.address))!.assumingMemoryBound(to: type)
  }
}
