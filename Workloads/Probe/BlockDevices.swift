import ProbeABI

/// Finds the machine's disk, brings it into order, and makes it an `nm_block_device` for the jobs.
///
/// Words of the command line choose: `block=` `mmio`, `pci`, `ide-pio`, `ide-dma`, `none` or `auto` (the default: the
/// first of them that is there); for virtio also `block_ring=packed`, `block_queue=DESCRIPTORS`,
/// `block_indirect=1`, `block_event_idx=0`, and `block_queues=QUEUES`, which all processors then share among them.
struct BlockDevices {
  /// Bytes that `find` needs: rings, requests, drivers, texts.
  static func memorySize(_ options: CommandLine) -> UInt64 { 2 << 20 + UInt64(queues(options) - 1) * (128 << 10) }

  /// Queues of a virtio disk that are asked for, 1 to 64.
  static func queues(_ options: CommandLine) -> UInt16 { UInt16(max(1, min(options["block_queues"] ?? 1, 64))) }

  let options: CommandLine
  let tscKilohertz: UInt64
  var memory: Region
  var note: TextBuffer
  private let noteStart: UnsafeMutablePointer<UInt8>
  /// One for each worker that has queues, of `NM_MAX_WORKERS` at most.
  let device: UnsafeMutablePointer<nm_block_device>
  var deviceCount: UInt32 = 1
  /// Processors that can drive queues.
  private(set) var processors: UInt16 = 1

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
    processors = UInt16(clamping: max(1, min(environment.workers, NM_MAX_WORKERS)))
    do throws(DeviceError) {
      if try choose() {
        environment.block = UnsafePointer(device)
        environment.block_devices = deviceCount
      }
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

  // MARK: Memory

  static var noMemory: DeviceError { DeviceError(reason: "no memory for the block driver") }

  /// Memory for values that stay where they are.
  mutating func place<Value>(
    _ type: Value.Type, count: UInt16 = 1
  ) throws(DeviceError) -> UnsafeMutablePointer<Value> {
    guard let region = memory.carve(UInt64(MemoryLayout<Value>.stride) * UInt64(count), alignment: 64) else {
      throw Self.noMemory
    }
    return UnsafeMutableRawPointer(bitPattern: UInt(region.address))!.assumingMemoryBound(to: type)
  }
}
