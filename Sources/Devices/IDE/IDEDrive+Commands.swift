import Storage

extension IDEDrive where Engine: ~Copyable {
  /// Starts a command. What comes in the midst of a data transfer is ignored, save DEVICE RESET; an absent device 1
  /// hears only EXECUTE DEVICE DIAGNOSTIC.
  func execute(_ code: UInt8) {
    let command = IDECommand(rawValue: code)
    if registers.selectsAbsentDevice, command != .executeDiagnostics { return }
    if status & IDEStatus.dataRequest != 0, command != .deviceReset { return }
    counters.commands += 1
    clearInterrupt()
    error = 0
    guard let command else { return fail(IDEError.abort) }
    if !executeTransfer(command) { executeOther(command) }
  }

  /// Commands that move data; false for others.
  private func executeTransfer(_ command: IDECommand) -> Bool {
    switch command {
    case .readSectors, .readSectorsOnce: start(.portIn, extended: false, block: 1)
    case .readSectorsExtended: start(.portIn, extended: true, block: 1)
    case .readMultiple: start(.portIn, extended: false, block: multiple)
    case .readMultipleExtended: start(.portIn, extended: true, block: multiple)
    case .writeSectors, .writeSectorsOnce: start(.portOut, extended: false, block: 1)
    case .writeSectorsExtended: start(.portOut, extended: true, block: 1)
    case .writeMultiple: start(.portOut, extended: false, block: multiple)
    case .writeMultipleExtended: start(.portOut, extended: true, block: multiple)
    case .readDMA, .readDMAOnce: start(.memoryIn, extended: false, block: 1)
    case .readDMAExtended: start(.memoryIn, extended: true, block: 1)
    case .writeDMA, .writeDMAOnce: start(.memoryOut, extended: false, block: 1)
    case .writeDMAExtended: start(.memoryOut, extended: true, block: 1)
    case .identify: identifyDevice()
    default: return false
    }
    return true
  }

  private func executeOther(_ command: IDECommand) {
    switch command {
    case .readVerify, .readVerifyOnce: verify(extended: false)
    case .readVerifyExtended: verify(extended: true)
    case .flushCache, .flushCacheExtended: if flush() { complete() }
    case .setFeatures: setFeatures()
    case .setMultiple: setMultiple()
    case .initializeParameters: initializeParameters()
    case .deviceReset: reset()
    case .executeDiagnostics:
      reset()
      raiseInterrupt()
    case .checkPowerMode, .oldCheckPowerMode:
      registers.count.current = 0xff  // active or idle
      complete()
    default: complete()  // idle, standby, sleep: the drive stays ready
    }
  }

  // MARK: Ends

  /// Ends a command well.
  func complete() {
    transfer = nil
    status = IDEStatus.idle
    error = 0
    raiseInterrupt()
  }

  /// Ends a command with bits for the error register.
  func fail(_ bits: UInt8) {
    transfer = nil
    status = IDEStatus.idle | IDEStatus.error
    error = bits
    counters.errors += 1
    raiseInterrupt()
  }

  /// Ends a command at the first sector that was not moved.
  func fail(_ bits: UInt8, at transfer: IDETransfer) {
    registers.setSector(transfer.sector, extended: transfer.isExtended, geometry)
    registers.count.current = UInt8(truncatingIfNeeded: transfer.remaining)
    if transfer.isExtended { registers.count.previous = UInt8(truncatingIfNeeded: transfer.remaining >> 8) }
    fail(bits)
  }

  // MARK: Starts

  /// The sectors that the registers name; ends the command with IDNF where the disk does not have them all.
  private func requestedSectors(extended: Bool) -> (first: UInt64, count: Int)? {
    let count = registers.sectorCount(extended: extended)
    guard let first = registers.sector(extended: extended, geometry), first < sectors,
      UInt64(count) <= sectors - first
    else {
      fail(IDEError.notFound)
      return nil
    }
    return (first, count)
  }

  private func start(_ kind: IDETransfer.Kind, extended: Bool, block: Int) {
    // READ and WRITE MULTIPLE need SET MULTIPLE first.
    guard block > 0 else { return fail(IDEError.abort) }
    guard let (first, count) = requestedSectors(extended: extended) else { return }
    transfer = IDETransfer(kind: kind, isExtended: extended, sector: first, remaining: count, block: block)
    switch kind {
    case .portIn: loadBlock()
    case .portOut: requestBlock()
    case .memoryIn, .memoryOut: status = IDEStatus.idle | IDEStatus.dataRequest
    }
  }

  private func identifyDevice() {
    let data = IDEIdentifyData(
      identity,
      IDEIdentifyData.State(
        sectors: sectors, geometry: geometry, multiple: multiple, isWriteCached: isWriteCached,
        multiwordMode: mode & 0xf8 == 0x20 ? 1 << UInt16(mode & 7) : 0,
        ultraMode: mode & 0xf8 == 0x40 ? 1 << UInt16(mode & 7) : 0))
    unsafe buffer.copyBytes(from: data.bytes)
    transfer = IDETransfer(kind: .portIn, isExtended: false, sector: 0, remaining: 0, block: 1)
    offer(512)
  }

  // MARK: Commands without data

  /// Reads without handing over, so that a verified sector was really read.
  private func verify(extended: Bool) {
    guard let (first, count) = requestedSectors(extended: extended) else { return }
    var rest = IDETransfer(kind: .portIn, isExtended: extended, sector: first, remaining: count, block: 1)
    while rest.remaining > 0 {
      let piece = min(rest.remaining, Self.bufferSize / 512)
      guard unsafe perform(.read, sector: rest.sector, count: piece * 512, at: buffer.baseAddress) == 0 else {
        return fail(IDEError.uncorrectable, at: rest)
      }
      rest.sector += UInt64(piece)
      rest.remaining -= piece
    }
    complete()
  }

  /// Makes everything written so far durable; ends the command where that fails.
  func flush() -> Bool {
    counters.flushes += 1
    guard unsafe perform(.flush, sector: 0, count: 0, at: nil) == 0 else {
      fail(IDEError.abort)
      return false
    }
    return true
  }

  private func setFeatures() {
    switch registers.feature.current {
    case 0x02: isWriteCached = true
    case 0x82:
      guard flush() else { return }
      isWriteCached = false
    case 0x03:
      switch registers.count.current {
      case 0x00, 0x01, 0x08...0x0c: break  // PIO; the DMA mode stays
      case 0x20...0x22, 0x40...0x45: mode = registers.count.current
      default: return fail(IDEError.abort)
      }
    case 0x66, 0xcc: break  // keep or drop settings over a soft reset: either way they are few
    default: return fail(IDEError.abort)
    }
    complete()
  }

  private func setMultiple() {
    let count = Int(registers.count.current)
    guard count <= IDETransfer.largestBlock, count & (count - 1) == 0 else { return fail(IDEError.abort) }
    multiple = count
    complete()
  }

  private func initializeParameters() {
    guard registers.count.current != 0 else { return fail(IDEError.abort) }
    geometry = IDETaskFile.Geometry(
      heads: UInt64(registers.device & 0x0f) + 1, sectors: UInt64(registers.count.current))
    complete()
  }
}
