import ProbeABI

/// Finds the machine's network interface, brings it into order, and makes it an `nm_net_device` for the jobs.
///
/// Words of the command line choose: `net=` `mmio`, `pci`, `e1000`, `none` or `auto` (the default: the first of them that is there);
/// also `net_ring=packed`, `net_indirect=1`, `net_event_idx=0`, `net_mergeable=0`, `net_offload=0`, and for the e1000 `net_itr=`
/// with the least time between interrupts in units of 256 ns.
struct NetDevices {
  /// Bytes that `find` needs: rings, buffers, drivers, texts. The most are 64 buffers for the largest frame.
  static var memorySize: UInt64 { 6 << 20 }

  let options: CommandLine
  let tscKilohertz: UInt64
  var memory: Region
  var note: TextBuffer
  private let noteStart: UnsafeMutablePointer<UInt8>
  let device: UnsafeMutablePointer<nm_net_device>

  /// The type of a virtio network interface (virtio 1.2 §5).
  private static var virtioType: UInt16 { 1 }

  /// - Parameter memory: `memorySize` bytes that are the driver's from now on, below 4 GiB.
  init(_ options: CommandLine, memory: Region, tscKilohertz: UInt64) {
    self.options = options
    self.tscKilohertz = tscKilohertz
    self.memory = memory
    let page = self.memory.carve(4096)!
    device = page.pointer(to: nm_net_device.self)
    noteStart = page.pointer(to: UInt8.self) + 1024
    note = TextBuffer(base: noteStart, capacity: 1024)
  }

  /// Sets the network interface of the environment, or what it says of its absence.
  mutating func find(for environment: inout nm_environment) {
    do throws(DeviceError) {
      if try choose() { environment.net = UnsafePointer(device) }
    } catch {
      note.clear()
      note.append(error.reason)
      environment.net_broken = 1
    }
    environment.net_note = note.bytes.count > 0 ? UnsafePointer(noteStart) : nil
    environment.net_note_length = UInt32(note.bytes.count)
  }

  /// Returns whether there is a device.
  private mutating func choose() throws(DeviceError) -> Bool {
    guard let wanted = options.value("net"), !wanted.equals("auto") else {
      if try findMMIO() { return true }
      if try findPCI() { return true }
      return try findE1000()
    }
    let found: Bool
    if wanted.equals("mmio") {
      found = try findMMIO()
    } else if wanted.equals("pci") {
      found = try findPCI()
    } else if wanted.equals("e1000") {
      found = try findE1000()
    } else {
      throw DeviceError(reason: "expected net= of mmio, pci, e1000, auto or none")
    }
    if !found {
      note.append("this machine has no network interface of the kind asked for: ")
      note.append(wanted)
    }
    return found
  }

  private mutating func findMMIO() throws(DeviceError) -> Bool {
    var index = 0
    while let word = options.value(VirtioMMIOWindow.key, skip: index) {
      index += 1
      guard let window = VirtioMMIOWindow(word) else {
        throw DeviceError(reason: "expected virtio_mmio.device=SIZE@BASE:IRQ")
      }
      if let transport = try VirtioMMIOTransport(window, type: Self.virtioType, VirtioInterrupts(vector: Vector.net)) {
        try start(transport)
        return true
      }
    }
    return false
  }

  private mutating func findPCI() throws(DeviceError) -> Bool {
    guard PCIScan.isThere,
      let transport = try VirtioPCITransport.find(
        type: Self.virtioType, transitional: 0x1000, VirtioInterrupts(vector: Vector.net))
    else { return false }
    try start(transport)
    return true
  }

  private mutating func start<Transport: VirtioTransport>(_ transport: Transport) throws(DeviceError) {
    let offered = try transport.begin(tscKilohertz: tscKilohertz)
    var wanted: UInt64 = 0
    if options["net_event_idx"] != 0 { wanted |= VirtioFeatures.eventIndex }
    if options["net_indirect"] == 1 { wanted |= VirtioFeatures.indirect }
    if options["net_mergeable"] != 0 { wanted |= VirtioNetFeatures.mergeable }
    if options["net_offload"] != 0 { wanted |= VirtioNetFeatures.offloads }
    if let ring = options.value("net_ring"), ring.equals("packed") { wanted |= VirtioFeatures.packed }
    if offered & wanted & VirtioFeatures.packed != 0 {
      let driver = try drive(transport, offered, wanted, VirtioQueuePacked.self)
      device.pointee = VirtioNetDriver<VirtioQueuePacked>.device(driver)
    } else {
      let driver = try drive(transport, offered, wanted, VirtioQueueSplit.self)
      device.pointee = VirtioNetDriver<VirtioQueueSplit>.device(driver)
    }
  }

  private mutating func drive<Transport: VirtioTransport, Queue: VirtioQueue>(
    _ transport: Transport, _ offered: UInt64, _ wanted: UInt64, _ type: Queue.Type
  ) throws(DeviceError) -> UnsafeMutablePointer<VirtioNetDriver<Queue>> {
    let size = UInt64(MemoryLayout<VirtioNetDriver<Queue>>.size)
    guard let region = memory.carve(size, alignment: 64) else {
      throw transport.giveUp("no memory for the net driver")
    }
    let driver = UnsafeMutableRawPointer(bitPattern: UInt(region.address))!
      .assumingMemoryBound(to: VirtioNetDriver<Queue>.self)
    driver.initialize(
      to: try VirtioNetDriver(
        transport, offered: offered, wanted: wanted, memory: &memory,
        sleep: DeviceSleep(vector: Vector.net, tscKilohertz: tscKilohertz)))
    let hasInterrupts = driver.pointee.learnLine(tscKilohertz: tscKilohertz)
    guard !driver.pointee.isBroken else {
      throw transport.giveUp("the virtio network interface does not answer a first command")
    }
    describe(Transport.name, driver, hasInterrupts)
    return driver
  }

  private mutating func describe<Queue: VirtioQueue>(
    _ name: StaticString, _ driver: UnsafeMutablePointer<VirtioNetDriver<Queue>>, _ hasInterrupts: Bool?
  ) {
    let features = driver.pointee.features
    note.append("device=")
    note.append(name)
    note.append(Queue.isPacked ? " ring=packed" : " ring=split")
    note.append(" depth=")
    note.append(UInt64(driver.pointee.depth))
    note.append(features & VirtioNetFeatures.mergeable != 0 ? " mergeable=1" : " mergeable=0")
    note.append(features & VirtioNetFeatures.hostTCP4 != 0 ? " tso=1" : " tso=0")
    note.append(features & VirtioNetFeatures.guestTCP4 != 0 ? " lro=1" : " lro=0")
    note.append(features & VirtioFeatures.indirect != 0 ? " indirect=1" : " indirect=0")
    note.append(features & VirtioFeatures.eventIndex != 0 ? " event_idx=1" : " event_idx=0")
    if let hasInterrupts { note.append(hasInterrupts ? " interrupts=1" : " interrupts=0") }
    note.append(driver.pointee.acknowledge != 0 ? " acknowledge=1" : " acknowledge=0")
    note.append(" features=")
    note.append(hexadecimal: features)
  }
}
