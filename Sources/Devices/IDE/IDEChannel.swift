import Glibc
import GuestMemory
import LinuxSystem
import Storage
import Synchronization

/// The primary channel: a drive, its bus master and their interrupt. The three blocks of ports that reach it may be
/// used by different vCPUs at once, so it takes a lock of its own.
final class IDEChannel<Engine: StorageEngine & ~Copyable> {
  /// Which of the channel's blocks of ports an access goes to.
  enum Block {
    case command
    case control
    case busMaster
  }

  /// For `PCIFunction.isBusMaster`.
  weak var function: PCIFunction?

  private let lock = Mutex(())
  private let drive: IDEDrive<Engine>
  private var master = IDEBusMaster()
  private let memory: GuestMemory
  private let interrupt: any InterruptLine
  private var segments: [IDESegment] = []

  init(drive: IDEDrive<Engine>, memory: GuestMemory, interrupt: any InterruptLine) {
    self.drive = drive
    self.memory = memory
    self.interrupt = interrupt
    segments.reserveCapacity(IDEDescriptorTable.limit)
  }

  /// What the guest did so far. Any thread may ask.
  var counters: IDECounters { lock.withLock { _ in drive.counters } }

  /// Median nanoseconds of the engine's last thousand requests. Any thread may ask.
  var medianServiceTime: UInt64? { lock.withLock { _ in drive.serviceTimes.median } }

  /// The first request that the engine failed. Any thread may ask.
  var firstFailure: IDEFailure? { lock.withLock { _ in drive.firstFailure } }

  /// The guest does not run for a while.
  func rest() { lock.withLock { _ in drive.engine.rest() } }

  /// Waits until no access is in progress.
  /// - Parameter deadline: `MonotonicClock` time.
  /// - Returns: false where the deadline passed first; then nothing that needs the lock may be asked.
  func isIdle(by deadline: UInt64) -> Bool {
    while lock.withLockIfAvailable({ _ in true }) == nil {
      if MonotonicClock.now >= deadline { return false }
      usleep(1000)
    }
    return true
  }

  // MARK: Accesses

  /// Reads a block. Accesses wider than a byte take neighbouring registers one after another, as the chipset does.
  func read(_ block: Block, _ offset: UInt64, width: AccessWidth) -> UInt64 {
    lock.withLock { _ in
      drive.counters.registerAccesses += 1
      var value = width.mask
      for index in 0..<UInt64(width.rawValue) {
        guard let byte = readByte(block, offset &+ index) else { break }
        value = value & ~(0xff << (index * 8)) | UInt64(byte) << (index * 8)
      }
      settle()
      return value
    }
  }

  /// Writes a block.
  func write(_ block: Block, _ offset: UInt64, width: AccessWidth, value: UInt64) {
    lock.withLock { _ in
      drive.counters.registerAccesses += 1
      for index in 0..<UInt64(width.rawValue) {
        writeByte(block, offset &+ index, UInt8(truncatingIfNeeded: value >> (index * 8)))
      }
      settle()
    }
  }

  /// Reads the data port.
  func readData(into target: UnsafeMutableRawBufferPointer) {
    lock.withLock { _ in
      unsafe drive.readData(into: target)
      settle()
    }
  }

  /// Writes the data port.
  func writeData(from source: UnsafeRawBufferPointer) {
    lock.withLock { _ in
      unsafe drive.writeData(from: source)
      settle()
    }
  }

  private func readByte(_ block: Block, _ offset: UInt64) -> UInt8? {
    switch (block, offset) {
    case (.command, 1..<8): return drive.read(Int(offset))
    case (.control, 0): return drive.alternateStatus
    case (.busMaster, 0..<16): return master.read(Int(offset))
    default: return nil
    }
  }

  private func writeByte(_ block: Block, _ offset: UInt64, _ value: UInt8) {
    switch (block, offset) {
    case (.command, 1..<8): drive.write(Int(offset), value)
    case (.control, 0): drive.writeControl(value)
    case (.busMaster, 0..<16): master.write(Int(offset), value)
    default: break
    }
  }

  // MARK: Consequences

  /// Runs a transfer that both sides are ready for, then passes a rising interrupt on.
  private func settle() {
    if master.isActive, let transfer = drive.memoryTransfer, transfer.remaining > 0 { run(transfer) }
    if drive.takeRise() {
      master.noteInterrupt()
      interrupt.pulse()
    }
  }

  /// One bus-master transfer. Its ends, as the programming interface tells them apart:
  /// - the table holds what the drive moves: interrupt, not active;
  /// - it holds more: interrupt, still active until the guest stops it;
  /// - it holds less: no interrupt, not active, and the drive waits for another start or a reset;
  /// - memory does not answer, the directions differ, or the function may not master the bus: the error bit. The drive
  ///   then aborts its command with an interrupt, where a real one would leave the guest to its time-out.
  private func run(_ transfer: IDETransfer) {
    guard function?.isBusMaster == true, master.writesMemory == (transfer.kind == .memoryIn) else { return fault() }
    let extent = IDEDescriptorTable.read(
      at: master.tableAddress, needed: UInt64(transfer.remaining) * 512, memory, into: &segments)
    if extent == .fault { return fault() }
    drive.moveMemory(segments, memory)
    if extent != .long { master.finish() }
  }

  private func fault() {
    master.fault()
    drive.fail(IDEError.abort)
  }
}
