import Storage

extension IDEDrive where Engine: ~Copyable {
  /// Starts a command. What comes in the midst of a data transfer is ignored, save DEVICE RESET; while the absent
  /// device 1 is selected only EXECUTE DEVICE DIAGNOSTIC has an effect.
  func execute(_ code: UInt8) {
    if registers.selectsAbsentDevice, code != IDECommand.executeDiagnostics.rawValue { return }
    if status & IDEStatus.dataRequest != 0, code != IDECommand.deviceReset.rawValue { return }
    counters.commands += 1
    clearInterrupt()
    error = 0
    let drive = IDERequest.Drive(sectors: sectors, geometry: geometry, multiple: multiple)
    do throws(IDERefusal) {
      run(try IDERequest.parse(code, registers, drive))
    } catch {
      fail(error.rawValue)
    }
  }

  private func run(_ request: IDERequest) {
    switch request {
    case .transfer(let transfer): start(transfer)
    case .verify(let range): verify(range)
    case .identify: identifyDevice()
    case .flush: if flush() { complete() }
    case .setWriteCache(let isOn):
      guard isOn || flush() else { return }
      isWriteCached = isOn
      complete()
    case .setMode(let mode):
      self.mode = mode
      complete()
    case .setMultiple(let count):
      multiple = count
      complete()
    case .setGeometry(let geometry):
      self.geometry = geometry
      complete()
    case .reset: reset()
    case .diagnose:
      reset()
      raiseInterrupt()
    case .powerMode:
      registers.count.current = 0xff  // active or idle
      complete()
    case .nothing: complete()
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

  // MARK: Commands

  private func start(_ transfer: IDETransfer) {
    self.transfer = transfer
    switch transfer.kind {
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

  /// Reads without handing over, so that a verified sector was really read.
  private func verify(_ range: IDETransfer) {
    var rest = range
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
}
