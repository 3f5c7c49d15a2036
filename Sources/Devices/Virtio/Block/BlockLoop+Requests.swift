import CLinux
import GuestMemory
import Storage
import SystemPackage

/// Requests: from a descriptor chain to the engine and to a status byte (virtio 1.2 §5.2.6).
extension BlockLoop where Queue: ~Copyable, Engine: ~Copyable {
  /// Starts the request in `chain`.
  /// - Throws: `requestShape` where it has no header or no status byte, so that there is no way to answer.
  @inline(__always)
  mutating func handle(_ queue: Int, _ engine: inout Engine) throws(VirtqueueFailure) {
    guard let status = unsafe chain.takeLastWritableByte() else { throw .requestShape }
    var header: (UInt32, UInt32, UInt64) = (0, 0, 0)
    let isWhole = unsafe withUnsafeMutableBytes(of: &header) { unsafe chain.takeReadable($0) }
    guard isWhole else { throw .requestShape }
    switch header.0 {
    case BlockCommand.read: unsafe transfer(.read, queue, status, sector: header.2, &engine)
    case BlockCommand.write: unsafe transfer(.write, queue, status, sector: header.2, &engine)
    default: unsafe handleRare(header.0, queue, status, &engine)
    }
  }

  @inline(never)
  private mutating func handleRare(
    _ type: UInt32, _ queue: Int, _ status: UnsafeMutableRawPointer, _ engine: inout Engine
  ) {
    switch type {
    case BlockCommand.flush:
      counters.add(.flushes)
      unsafe submitWhole(.flush, queue, status, offset: 0, count: 0, &engine)
    case BlockCommand.identity: unsafe identify(queue, status)
    case BlockCommand.discard where !disk.isReadOnly: unsafe range(.discard, queue, status, &engine)
    case BlockCommand.writeZeroes where !disk.isReadOnly: unsafe range(.writeZeroes, queue, status, &engine)
    default:
      counters.add(.unsupported)
      unsafe answer(queue, status, BlockStatus.unsupported, written: 0)
    }
  }

  /// Answers the request in `chain` at once.
  private mutating func answer(_ queue: Int, _ status: UnsafeMutableRawPointer, _ value: UInt8, written: UInt32) {
    unsafe respond(queue, id: chain.id, elements: chain.elements, status, value, written: written &+ 1)
  }

  private mutating func refuse(
    _ operation: StorageOperation, _ queue: Int, _ status: UnsafeMutableRawPointer, _ errno: Int32, _ offset: UInt64,
    _ count: UInt64
  ) {
    report(operation, offset, count, errno)
    unsafe answer(queue, status, BlockStatus.inputOutputError, written: 0)
  }

  @inline(never)
  private func report(_ operation: StorageOperation, _ offset: UInt64, _ count: UInt64, _ errno: Int32) {
    counters.add(.errors)
    errors.append(BlockError(operation: operation, offset: offset, count: count, errno: Errno(rawValue: errno)))
  }

  private mutating func identify(_ queue: Int, _ status: UnsafeMutableRawPointer) {
    counters.add(.identities)
    let count = min(Int(chain.writableBytes), BlockCommand.identitySize)
    unsafe bounce.base.initializeMemory(as: UInt8.self, repeating: 0, count: BlockCommand.identitySize)
    for (index, byte) in disk.identity.utf8.prefix(BlockCommand.identitySize).enumerated() {
      unsafe bounce.base.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    }
    bounce.scatter(chain, count: count)
    unsafe answer(queue, status, BlockStatus.ok, written: UInt32(count))
  }

  /// Discard and write-zeroes: one range, as the configuration allows no more.
  private mutating func range(
    _ operation: StorageOperation, _ queue: Int, _ status: UnsafeMutableRawPointer, _ engine: inout Engine
  ) {
    counters.add(operation == .discard ? .discards : .writeZeroes)
    var range: (sector: UInt64, sectors: UInt32, flags: UInt32) = (0, 0, 0)
    let isWhole = unsafe withUnsafeMutableBytes(of: &range) { unsafe chain.takeReadable($0) }
    guard isWhole, chain.readableBytes == 0 else {
      return unsafe refuse(operation, queue, status, StorageError.invalid, 0, chain.readableBytes)
    }
    let allowed = operation == .discard ? 0 : BlockCommand.unmap
    guard range.flags & ~allowed == 0 else {
      counters.add(.unsupported)
      return unsafe answer(queue, status, BlockStatus.unsupported, written: 0)
    }
    let count = UInt64(range.sectors) * 512
    guard range.sectors <= BlockConfiguration.rangeSectors, count > 0, range.sector <= disk.capacity / 512,
      count <= disk.capacity - range.sector * 512
    else { return unsafe refuse(operation, queue, status, StorageError.invalid, range.sector &* 512, count) }
    unsafe submitWhole(operation, queue, status, offset: range.sector * 512, count: count, &engine)
  }

  /// Read and write.
  @inline(__always)
  private mutating func transfer(
    _ operation: StorageOperation, _ queue: Int, _ status: UnsafeMutableRawPointer, sector: UInt64,
    _ engine: inout Engine
  ) {
    let isRead = operation == .read
    let count = isRead ? chain.writableBytes : chain.readableBytes
    counters.add(isRead ? .reads : .writes)
    guard count > 0, count & 511 == 0, sector <= disk.capacity / 512, count <= disk.capacity - sector * 512 else {
      return unsafe refuse(operation, queue, status, StorageError.invalid, sector &* 512, count)
    }
    counters.add(isRead ? .bytesRead : .bytesWritten, count)
    let slot = unsafe begin(operation, queue, status, offset: sector * 512, count: count)
    let segments = isRead ? chain.readableCount..<chain.count : 0..<chain.readableCount
    if segments.count == 1 {
      table[slot].pieces = 1
      unsafe submit(operation, slot, sector * 512, Int(count), chain[segments.lowerBound].host, &engine)
    } else {
      transferSegments(operation, slot, segments, &engine)
    }
  }

  /// Read and write of several buffers, those that lie side by side together.
  @inline(never)
  private mutating func transferSegments(
    _ operation: StorageOperation, _ slot: Int, _ segments: Range<Int>, _ engine: inout Engine
  ) {
    for index in segments where chain[index].count & 511 != 0 {
      return transferBounced(operation, slot, &engine)
    }
    // One more than there are, so that the request cannot end before the last is submitted.
    table[slot].pieces = 1
    var offset = table[slot].offset
    var index = segments.lowerBound
    while index < segments.upperBound {
      let start = unsafe chain[index].host
      var count = Int(chain[index].count)
      index += 1
      while index < segments.upperBound, unsafe chain[index].host == start + count {
        count += Int(chain[index].count)
        index += 1
      }
      while transfers >= transferLimit {
        engine.kick()
        _ = reap(&engine, wait: true)
      }
      table[slot].pieces += 1
      unsafe submit(operation, slot, offset, count, start, &engine)
      offset += UInt64(count)
    }
    completeTransfer(slot, 0, &engine)
  }

  /// Read and write of buffers that are not of whole sectors: through the bounce buffer, waiting for its end, as there is only
  /// one and drivers seldom do this.
  private mutating func transferBounced(_ operation: StorageOperation, _ slot: Int, _ engine: inout Engine) {
    let offset = table[slot].offset
    let count = Int(table[slot].count)
    guard count <= BlockBounce.size else { return completeOnly(slot, StorageError.invalid, &engine) }
    if operation == .write { bounce.gather(chain) }
    table[slot].pieces = 2
    while transfers >= transferLimit {
      engine.kick()
      _ = reap(&engine, wait: true)
    }
    unsafe submit(operation, slot, offset, count, bounce.base, &engine)
    while table[slot].pieces > 1 {
      engine.kick()
      _ = reap(&engine, wait: true)
    }
    if operation == .read && table[slot].error == 0 { bounce.scatter(chain, count: count) }
    completeTransfer(slot, 0, &engine)
  }

  private mutating func completeOnly(_ slot: Int, _ error: Int32, _ engine: inout Engine) {
    table[slot].pieces = 1
    completeTransfer(slot, error, &engine)
  }

  /// Submits a request that is one transfer without a buffer.
  private mutating func submitWhole(
    _ operation: StorageOperation, _ queue: Int, _ status: UnsafeMutableRawPointer, offset: UInt64, count: UInt64,
    _ engine: inout Engine
  ) {
    let slot = unsafe begin(operation, queue, status, offset: offset, count: count)
    table[slot].pieces = 1
    unsafe submit(operation, slot, offset, Int(count), nil, &engine)
  }

  /// Enters the request in `chain` into the table.
  @inline(__always)
  private mutating func begin(
    _ operation: StorageOperation, _ queue: Int, _ status: UnsafeMutableRawPointer, offset: UInt64, count: UInt64
  ) -> Int {
    let slot = table.take()
    let written = operation == .read ? UInt32(truncatingIfNeeded: count) &+ 1 : 1
    let needsFlush = writesThrough && (operation == .write || operation == .writeZeroes)
    table[slot] = unsafe InFlight(
      status: status, offset: offset, count: count, pieces: 0, error: 0, written: written,
      queue: UInt16(truncatingIfNeeded: queue), id: chain.id, elements: chain.elements, operation: operation,
      needsFlush: needsFlush, nextFree: -1)
    return slot
  }

  /// Gives one transfer to the engine.
  @inline(__always)
  private mutating func submit(
    _ operation: StorageOperation, _ slot: Int, _ offset: UInt64, _ count: Int, _ buffer: UnsafeMutableRawPointer?,
    _ engine: inout Engine
  ) {
    let request = unsafe StorageRequest(
      operation, token: UInt64(slot), offset: offset, count: count, buffer: buffer)
    if let completion = engine.submit(request) {
      completeTransfer(slot, completion.error, &engine)
    } else {
      transfers += 1
    }
  }

  /// Counts one transfer of a request as done; the last one ends the request.
  @inline(__always)
  mutating func completeTransfer(_ slot: Int, _ error: Int32, _ engine: inout Engine) {
    if error != 0 && table[slot].error == 0 { table[slot].error = error }
    table[slot].pieces -= 1
    if table[slot].pieces == 0 { finish(slot, &engine) }
  }

  @inline(__always)
  private mutating func finish(_ slot: Int, _ engine: inout Engine) {
    if table[slot].needsFlush && table[slot].error == 0 { return flushThrough(slot, &engine) }
    let entry = table[slot]
    table.free(slot)
    var value = BlockStatus.ok
    var written = entry.written
    if entry.error != 0 {
      value = entry.error == StorageError.unsupported ? BlockStatus.unsupported : BlockStatus.inputOutputError
      written = 1
      report(entry.operation, entry.offset, entry.count, entry.error)
    }
    unsafe respond(
      Int(entry.queue), id: entry.id, elements: entry.elements, entry.status, value, written: written)
  }

  /// A driver that did not accept the flush command trusts every write to be durable (§5.2.6.2).
  @inline(never)
  private mutating func flushThrough(_ slot: Int, _ engine: inout Engine) {
    table[slot].needsFlush = false
    table[slot].pieces = 1
    unsafe submit(.flush, slot, 0, 0, nil, &engine)
  }
}
