import GuestMemory
import Storage

extension IDEDrive where Engine: ~Copyable {
  /// The transfer that waits for the bus master.
  var memoryTransfer: IDETransfer? {
    guard let transfer, transfer.kind == .memoryIn || transfer.kind == .memoryOut else { return nil }
    return transfer
  }

  /// Moves as many whole sectors as the segments hold, and ends the command where those are all. With fewer the drive
  /// keeps waiting for the bus master to be started again.
  /// - Parameter segments: checked to be RAM.
  func moveMemory(_ segments: [IDESegment], _ memory: GuestMemory) {
    guard let transfer = memoryTransfer else { return }
    let isInPlace = segments.allSatisfy { $0.address.rawValue % 512 == 0 && $0.count % 512 == 0 }
    let isDone = isInPlace ? moveInPlace(segments, memory) : moveThroughBuffer(segments, memory)
    guard isDone, let rest = self.transfer, rest.remaining == 0 else { return }
    if transfer.kind == .memoryIn || isWriteCached || flush() { complete() }
  }

  /// The engine works on guest memory itself.
  private func moveInPlace(_ segments: [IDESegment], _ memory: GuestMemory) -> Bool {
    for segment in segments {
      guard let host = unsafe memory.host(segment.address, count: segment.count) else { return false }
      guard unsafe moveSectors(host.count / 512, at: host.baseAddress) else { return false }
    }
    return true
  }

  /// Odd pieces of memory go through the drive's buffer.
  private func moveThroughBuffer(_ segments: [IDESegment], _ memory: GuestMemory) -> Bool {
    var cursor = IDESegmentCursor(segments)
    while let transfer, transfer.remaining > 0 {
      let count = min(transfer.remaining * 512, Self.bufferSize, cursor.remaining & ~511)
      guard count > 0 else { return true }
      let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[0..<count])
      if transfer.kind == .memoryOut {
        unsafe cursor.gather(into: piece, memory)
        guard unsafe moveSectors(count / 512, at: piece.baseAddress) else { return false }
      } else {
        guard unsafe moveSectors(count / 512, at: piece.baseAddress) else { return false }
        unsafe cursor.scatter(from: UnsafeRawBufferPointer(piece), memory)
      }
    }
    return true
  }

  /// Moves the next sectors of the transfer between the engine and memory; ends the command where the engine fails.
  private func moveSectors(_ count: Int, at start: UnsafeMutableRawPointer?) -> Bool {
    guard let transfer, count <= transfer.remaining else { return false }
    let reads = transfer.kind == .memoryIn
    let code = unsafe perform(reads ? .read : .write, sector: transfer.sector, count: count * 512, at: start)
    guard code == 0 else {
      fail(reads ? IDEError.uncorrectable : IDEError.abort, at: transfer)
      return false
    }
    if reads { counters.sectorsRead += UInt64(count) } else { counters.sectorsWritten += UInt64(count) }
    self.transfer?.sector += UInt64(count)
    self.transfer?.remaining -= count
    return true
  }
}
