import LinuxSystem
import Storage

/// The drive on the cable, device 0: registers, commands and data port (ATA8-ACS, ATA8-APT). There is no device 1.
///
/// Everything happens on the calling thread: a command's data is ready, or its error stands, when the write that
/// started it returns. The guest can do nothing with one outstanding command but wait for it, so handing it to another
/// thread would only add the hand-off; it is also what chipset emulation elsewhere does with PIO. One call at a time.
@safe final class IDEDrive<Engine: StorageEngine & ~Copyable> {
  /// Bytes of the internal buffer: a block of PIO, or a piece of DMA whose memory an engine cannot use in place.
  static var bufferSize: Int { 128 << 10 }

  var engine: Engine
  let identity: IDEIdentity
  /// Sectors of the disk.
  let sectors: UInt64

  var registers = IDETaskFile()
  var status = IDEStatus.idle
  var error = IDEError.diagnosticPassed
  var transfer: IDETransfer?
  var multiple = 0
  var isWriteCached = true
  var geometry = IDETaskFile.Geometry()
  /// The transfer mode as SET FEATURES put it: 0x20 and up multiword DMA, 0x40 and up ultra DMA.
  var mode: UInt8 = 0x45

  /// Page-aligned, so that engines with O_DIRECT take it in place.
  let buffer: UnsafeMutableRawBufferPointer
  /// The part of the buffer that a data request by port still has to move.
  var window = 0..<0

  var counters = IDECounters()
  let serviceTimes = IDEServiceTimes()
  private(set) var firstFailure: IDEFailure?

  private var control: UInt8 = 0
  private var wantsInterrupt = false
  private var lineRose = false

  init(engine: consuming Engine, identity: IDEIdentity) {
    sectors = engine.capacity / 512
    self.engine = engine
    self.identity = identity
    unsafe buffer = .allocate(byteCount: Self.bufferSize, alignment: 4096)
    unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
    registers.setSignature()
  }

  deinit {
    unsafe buffer.deallocate()
  }

  // MARK: Registers

  /// Reads register 1 to 7 of the command block.
  func read(_ register: Int) -> UInt8 {
    let previous = control & IDEControl.highOrder != 0
    switch register {
    case 1: return error
    case 7:
      if !registers.selectsAbsentDevice { wantsInterrupt = false }
      return alternateStatus
    default: return registers.read(register, previous: previous)
    }
  }

  /// Writes register 1 to 7 of the command block.
  func write(_ register: Int, _ value: UInt8) {
    control &= ~IDEControl.highOrder
    guard status & IDEStatus.busy == 0 else { return }
    if register == 7 { execute(value) } else { registers.write(register, value) }
  }

  /// The status register without the side effects of reading it. An absent device 1 shows zero (ATA8-APT, single device
  /// configurations).
  var alternateStatus: UInt8 { registers.selectsAbsentDevice ? 0 : status }

  /// Writes the device control register. Raising SRST aborts what is going on; the drive is busy until it falls.
  func writeControl(_ value: UInt8) {
    let before = control
    control = value
    if value & IDEControl.softReset != 0 {
      status = IDEStatus.busy
      transfer = nil
      wantsInterrupt = false
    } else if before & IDEControl.softReset != 0 {
      reset()
    }
    let opens = before & IDEControl.interruptsOff != 0 && value & IDEControl.interruptsOff == 0
    if opens, wantsInterrupt { lineRose = true }
  }

  /// Puts the drive's signature in place and ends any command, without an interrupt. SET MULTIPLE and geometry fall
  /// back to their defaults, as with a drive that does not keep them over a soft reset.
  func reset() {
    registers.setSignature()
    status = IDEStatus.idle
    error = IDEError.diagnosticPassed
    transfer = nil
    multiple = 0
    geometry = IDETaskFile.Geometry()
    wantsInterrupt = false
  }

  // MARK: Interrupts

  /// Asserts INTRQ. The line itself follows while nIEN is clear.
  func raiseInterrupt() {
    guard !wantsInterrupt else { return }
    wantsInterrupt = true
    if control & IDEControl.interruptsOff == 0 { lineRose = true }
  }

  /// Takes INTRQ back: a new command was written.
  func clearInterrupt() {
    wantsInterrupt = false
  }

  /// Whether the line rose since the last call.
  func takeRise() -> Bool {
    defer { lineRose = false }
    if lineRose { counters.interrupts += 1 }
    return lineRose
  }

  // MARK: Storage

  /// Runs one request to its end. Returns 0 or a positive errno, and keeps the first failure.
  func perform(_ operation: StorageOperation, sector: UInt64, count: Int, at place: UnsafeMutableRawPointer?) -> Int32 {
    let request = unsafe StorageRequest(operation, token: 0, offset: sector * 512, count: count, buffer: place)
    var code: Int32?
    let start = MonotonicClock.now
    defer {
      serviceTimes.add(MonotonicClock.now &- start)
      counters.engineRequests += 1
      (counters.engineCalls, counters.engineCopies) = (engine.counts.calls, engine.counts.copies)
    }
    if let completion = engine.submit(request) {
      code = completion.error
    } else {
      engine.kick()
      unsafe withUnsafeTemporaryAllocation(of: StorageCompletion.self, capacity: 1) { completions in
        while code == nil {
          if unsafe engine.reap(into: completions, wait: true) > 0 { code = unsafe completions[0].error }
        }
      }
    }
    let result = code ?? StorageError.inputOutput
    if result != 0, firstFailure == nil {
      firstFailure = IDEFailure(operation: operation, offset: sector * 512, count: count, code: result)
    }
    return result
  }
}
