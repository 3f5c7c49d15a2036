import Storage

extension IDEDrive where Engine: ~Copyable {
  /// Takes bytes from the data port. Where the drive offers none, the rest of `target` becomes zero.
  func readData(into target: UnsafeMutableRawBufferPointer) {
    counters.dataAccesses += 1
    var done = 0
    while done < target.count, let transfer, transfer.kind == .portIn, !registers.selectsAbsentDevice {
      let count = min(target.count - done, window.count)
      unsafe UnsafeMutableRawBufferPointer(rebasing: target[done..<done + count])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[window.lowerBound..<window.lowerBound + count]))
      done += count
      window = window.lowerBound + count..<window.upperBound
      if window.isEmpty { finishLoadedBlock() }
    }
    if done < target.count {
      unsafe UnsafeMutableRawBufferPointer(rebasing: target[done...]).initializeMemory(as: UInt8.self, repeating: 0)
    }
  }

  /// Gives bytes to the data port. What the drive did not ask for is dropped.
  func writeData(from source: UnsafeRawBufferPointer) {
    counters.dataAccesses += 1
    var done = 0
    while done < source.count, let transfer, transfer.kind == .portOut, !registers.selectsAbsentDevice {
      let count = min(source.count - done, window.count)
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[window.lowerBound..<window.lowerBound + count])
        .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[done..<done + count]))
      done += count
      window = window.lowerBound + count..<window.upperBound
      if window.isEmpty { storeBlock() }
    }
  }

  // MARK: Blocks

  /// Reads the next block from the engine and offers it.
  func loadBlock() {
    guard let transfer else { return }
    let count = min(transfer.block, transfer.remaining)
    guard unsafe perform(.read, sector: transfer.sector, count: count * 512, at: buffer.baseAddress) == 0 else {
      return fail(IDEError.uncorrectable, at: transfer)
    }
    counters.sectorsRead += UInt64(count)
    self.transfer?.sector += UInt64(count)
    self.transfer?.remaining -= count
    offer(count * 512)
  }

  /// Offers bytes of the buffer at the data port.
  func offer(_ count: Int) {
    window = 0..<count
    status = IDEStatus.idle | IDEStatus.dataRequest
    raiseInterrupt()
  }

  /// The guest took a whole block. The last one ends the command without another interrupt (ATA8-APT, PIO data-in).
  private func finishLoadedBlock() {
    if let transfer, transfer.remaining > 0 {
      loadBlock()
    } else {
      transfer = nil
      status = IDEStatus.idle
    }
  }

  /// Asks for the next block. The first request of a command comes without an interrupt (ATA8-APT, PIO data-out).
  func requestBlock() {
    guard let transfer else { return }
    window = 0..<min(transfer.block, transfer.remaining) * 512
    status = IDEStatus.idle | IDEStatus.dataRequest
  }

  /// The guest gave a whole block: writes it to the engine.
  private func storeBlock() {
    guard let transfer else { return }
    let count = min(transfer.block, transfer.remaining)
    guard unsafe perform(.write, sector: transfer.sector, count: count * 512, at: buffer.baseAddress) == 0 else {
      return fail(IDEError.abort, at: transfer)
    }
    counters.sectorsWritten += UInt64(count)
    self.transfer?.sector += UInt64(count)
    self.transfer?.remaining -= count
    if transfer.remaining > count {
      requestBlock()
      raiseInterrupt()
    } else if isWriteCached || flush() {
      complete()
    }
  }
}
