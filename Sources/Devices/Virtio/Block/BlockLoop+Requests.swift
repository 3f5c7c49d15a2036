import CLinux
import Storage
import SystemPackage

/// What becomes of requests: from a parsed request to the engine and to a status byte.
extension BlockLoop where Queue: ~Copyable, Engine: ~Copyable {
  /// Starts the request in `chain`.
  /// - Throws: `requestShape` where there is no way to tell what it is or to answer.
  @inline(__always)
  mutating func handle(_ queue: Int, _ engine: inout Engine) throws(VirtqueueFailure) {
    let reply = try BlockReply(&chain, queue: queue)
    let request = try BlockRequest.parse(&chain, capacity: disk.capacity, isReadOnly: disk.isReadOnly)
    if case .transfer(let extent) = request {
      transfer(extent, reply, &engine)
    } else {
      runRare(request, reply, &engine)
    }
  }

  @inline(never)
  private mutating func runRare(_ request: BlockRequest, _ reply: BlockReply, _ engine: inout Engine) {
    switch request {
    case .transfer(let extent): transfer(extent, reply, &engine)
    case .range(let extent):
      count(extent.operation)
      submitWhole(extent, reply, &engine)
    case .flush:
      counters.add(.flushes)
      submitWhole(BlockExtent(operation: .flush, offset: 0, count: 0), reply, &engine)
    case .identity: identify(reply)
    case .refused(let refusal): refuse(refusal, reply)
    }
  }

  private func count(_ operation: StorageOperation) {
    switch operation {
    case .read: counters.add(.reads)
    case .write: counters.add(.writes)
    case .flush: counters.add(.flushes)
    case .discard: counters.add(.discards)
    case .writeZeroes: counters.add(.writeZeroes)
    }
  }

  private mutating func refuse(_ refusal: BlockRefusal, _ reply: BlockReply) {
    switch refusal {
    case .unsupported(let operation):
      if let operation { count(operation) }
      counters.add(.unsupported)
      respond(reply, BlockReply.Status.unsupported, written: 0)
    case .invalid(let extent):
      count(extent.operation)
      report(extent, StorageError.invalid)
      respond(reply, BlockReply.Status.inputOutputError, written: 0)
    }
  }

  @inline(never)
  private func report(_ extent: BlockExtent, _ errno: Int32) {
    counters.add(.errors)
    errors.append(
      BlockError(
        operation: extent.operation, offset: extent.offset, count: extent.count, errno: Errno(rawValue: errno)))
  }

  private mutating func identify(_ reply: BlockReply) {
    counters.add(.identities)
    let count = min(Int(chain.writableBytes), BlockRequest.identitySize)
    unsafe bounce.base.initializeMemory(as: UInt8.self, repeating: 0, count: BlockRequest.identitySize)
    for (index, byte) in disk.identity.utf8.prefix(BlockRequest.identitySize).enumerated() {
      unsafe bounce.base.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
    }
    bounce.scatter(chain, count: count)
    respond(reply, BlockReply.Status.ok, written: UInt32(count))
  }

  /// Submits a request that is one transfer without a buffer.
  private mutating func submitWhole(_ extent: BlockExtent, _ reply: BlockReply, _ engine: inout Engine) {
    let slot = begin(extent, reply)
    table[slot].pieces = 1
    unsafe submit(slot, extent, at: nil, &engine)
  }

  // MARK: Reads and writes

  @inline(__always)
  private mutating func transfer(_ extent: BlockExtent, _ reply: BlockReply, _ engine: inout Engine) {
    let isRead = extent.operation == .read
    counters.add(isRead ? .reads : .writes)
    counters.add(isRead ? .bytesRead : .bytesWritten, extent.count)
    moved &+= extent.count
    let segments = isRead ? chain.readableCount..<chain.count : 0..<chain.readableCount
    guard _fastPath(segments.count == 1 && extent.count <= Self.pieceBytes && !needsFlush(extent.operation)) else {
      return transferSegments(begin(extent, reply), segments, &engine)
    }
    // What an engine does at once never enters the table.
    let buffer = unsafe chain[segments.lowerBound].host
    if let completion = unsafe give(table.next, extent, at: buffer, &engine) {
      return answer(extent, reply, completion.error)
    }
    table[begin(extent, reply)].pieces = 1
    transfers += 1
  }

  /// Read and write of several buffers, those that lie side by side together, and of what is longer than a piece.
  @inline(never)
  private mutating func transferSegments(_ slot: Int, _ segments: Range<Int>, _ engine: inout Engine) {
    for index in segments where chain[index].count & 511 != 0 { return transferBounced(slot, &engine) }
    // One more than there are, so that the request cannot end before the last is submitted.
    table[slot].pieces = 1
    var piece = table[slot].extent
    // One that is more than may be in flight altogether goes piece by piece.
    let limit = piece.count > VirtioBlock.mostBytesInFlight ? 1 : transferLimit
    var index = segments.lowerBound
    while index < segments.upperBound {
      var start = unsafe chain[index].host
      var left = UInt64(chain[index].count)
      index += 1
      while index < segments.upperBound, unsafe chain[index].host == start + Int(left) {
        left += UInt64(chain[index].count)
        index += 1
      }
      while left > 0 {
        guard awaitRoom(limit, &engine) else { return completeTransfer(slot, StorageError.canceled, &engine) }
        piece.count = min(left, Self.pieceBytes)
        table[slot].pieces += 1
        unsafe submit(slot, piece, at: start, &engine)
        piece.offset += piece.count
        unsafe start += Int(piece.count)
        left -= piece.count
      }
    }
    completeTransfer(slot, 0, &engine)
  }

  /// Read and write of buffers that are not of whole sectors: through the bounce buffer, waiting for its end, as there is only
  /// one and drivers seldom do this.
  private mutating func transferBounced(_ slot: Int, _ engine: inout Engine) {
    let extent = table[slot].extent
    let count = Int(extent.count)
    table[slot].pieces = 1
    guard count <= BlockBounce.size else { return completeTransfer(slot, StorageError.invalid, &engine) }
    counters.add(.copies)
    if extent.operation == .write { bounce.gather(chain) }
    guard awaitRoom(transferLimit, &engine) else { return completeTransfer(slot, StorageError.canceled, &engine) }
    table[slot].pieces = 2
    unsafe submit(slot, extent, at: bounce.base, &engine)
    while table[slot].pieces > 1 {
      engine.kick()
      _ = reap(&engine, wait: true)
    }
    if extent.operation == .read && table[slot].error == 0 { bounce.scatter(chain, count: count) }
    completeTransfer(slot, 0, &engine)
  }

  // MARK: Transfers

  /// Enters a request into the table.
  @inline(__always)
  private mutating func begin(_ extent: BlockExtent, _ reply: BlockReply) -> Int {
    var request = InFlight(extent, reply)
    request.needsFlush = needsFlush(extent.operation)
    return table.take(request)
  }

  /// Whether a request is not done before a flush is.
  @inline(__always)
  private func needsFlush(_ operation: StorageOperation) -> Bool {
    writesThrough && (operation == .write || operation == .writeZeroes)
  }

  /// Waits until less than `limit` transfers are in flight.
  /// - Returns: false once the thread is to stop.
  private mutating func awaitRoom(_ limit: Int, _ engine: inout Engine) -> Bool {
    while transfers >= limit && !isStopped {
      engine.kick()
      _ = reap(&engine, wait: true)
    }
    return !isStopped
  }

  /// Gives one transfer to the engine; nil where it is not done yet.
  @inline(__always)
  private func give(
    _ slot: Int, _ piece: BlockExtent, at buffer: UnsafeMutableRawPointer?, _ engine: inout Engine
  ) -> StorageCompletion? {
    engine.submit(
      unsafe StorageRequest(
        piece.operation, token: UInt64(slot), offset: piece.offset, count: Int(piece.count), buffer: buffer))
  }

  /// Gives one transfer of a request in the table to the engine.
  @inline(__always)
  private mutating func submit(
    _ slot: Int, _ piece: BlockExtent, at buffer: UnsafeMutableRawPointer?, _ engine: inout Engine
  ) {
    if let completion = unsafe give(slot, piece, at: buffer, &engine) {
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
    let request = table[slot]
    table.free(slot)
    answer(request.extent, request.reply, request.error)
  }

  /// Answers a request that is done.
  @inline(__always)
  private mutating func answer(_ extent: BlockExtent, _ reply: BlockReply, _ error: Int32) {
    guard _fastPath(error == 0) else { return answerError(extent, reply, error) }
    // What a read of 4 GiB and more wrote does not fit the ring's field.
    let written = extent.operation == .read ? UInt32(truncatingIfNeeded: extent.count) : 0
    respond(reply, BlockReply.Status.ok, written: written)
  }

  @inline(never)
  private mutating func answerError(_ extent: BlockExtent, _ reply: BlockReply, _ error: Int32) {
    // A request that was cut off when the machine ended is no fault of the disk.
    if error != StorageError.canceled { report(extent, error) }
    let isUnsupported = error == StorageError.unsupported
    respond(reply, isUnsupported ? BlockReply.Status.unsupported : BlockReply.Status.inputOutputError, written: 0)
  }

  /// A driver that did not accept the flush command trusts every write to be durable (§5.2.6.2).
  @inline(never)
  private mutating func flushThrough(_ slot: Int, _ engine: inout Engine) {
    table[slot].needsFlush = false
    table[slot].pieces = 1
    unsafe submit(slot, BlockExtent(operation: .flush, offset: 0, count: 0), at: nil, &engine)
  }
}
