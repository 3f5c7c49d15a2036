import ProbeABI

/// Sending.
extension NetQueue {
  /// Sends the next frame of the stream, not visible before `kick`.
  /// - Parameters:
  ///   - kind: `data` or `ping`.
  ///   - word: of every record.
  /// - Returns: false when the device has no room, or every buffer is on its way.
  @inline(__always)
  mutating func send(_ kind: NetRecord.Kind, word: UInt64) throws(NetFailure) -> Bool {
    if freeCount == 0 { try takeSent(mayWait: false) }
    guard freeCount > 0 else { return false }
    let tag = Int(unsafe free[freeCount &- 1])
    let frame = unsafe buffer(tag)
    if unsafe outgoing.segment_size == 0 {
      unsafe NetRecord(kind: kind, stream: stream, number: number, word: word)
        .write(frame + NetFrame.ethernetHeader, restSum)
    } else {
      for index in 0..<Int(parameters.records) {
        unsafe NetRecord(kind: kind, stream: stream, number: number &+ UInt64(index), word: word)
          .write(frame + (NetFrame.largeHeader &+ index &* NetFrame.segment), restSum)
      }
    }
    unsafe outgoing.data = unsafe frame
    unsafe outgoing.tag = UInt16(truncatingIfNeeded: tag)
    guard try unsafe pass(outgoing, tag) else { return false }
    freeCount &-= 1
    number &+= recordsSent
    return true
  }

  /// Records of every frame that is sent.
  var recordsSent: UInt64 { parameters.receives ? 1 : parameters.records }

  /// Sends a control record at once, and waits for room as long as the deadline allows.
  mutating func sendControl(_ kind: NetRecord.Kind, word: UInt64, start: NetStart? = nil) throws(NetFailure) {
    let begin = nm_tsc()
    while true {
      if freeControlCount == 0 { try takeSent(mayWait: false) }
      if freeControlCount > 0 {
        let tag = Int(unsafe freeControl[freeControlCount - 1])
        let frame = unsafe buffer(tag)
        var outgoing = unsafe nm_net_frame()
        unsafe outgoing.data = unsafe frame
        unsafe outgoing.tag = UInt16(tag)
        unsafe outgoing.length = UInt32(write(kind, word, start, to: frame))
        if try unsafe pass(outgoing, tag) {
          freeControlCount -= 1
          return kick()
        }
      }
      kick()
      try takeSent(mayWait: true)
      guard nm_tsc() &- begin < ticks(milliseconds: parameters.deadlineMilliseconds) else {
        throw .silence(milliseconds: parameters.deadlineMilliseconds)
      }
    }
  }

  @unsafe private func write(
    _ kind: NetRecord.Kind, _ word: UInt64, _ start: NetStart?, to frame: UnsafeMutableRawPointer
  ) -> Int {
    unsafe NetFrame.writeHeader(frame, to: NetFrame.farAddress, from: address)
    let record = unsafe frame + NetFrame.ethernetHeader
    let head = NetRecord(kind: kind, stream: stream, number: 0, word: word)
    if let start {
      unsafe start.write(record + NetRecord.header)
      unsafe head.write(record, NetSum(record + NetRecord.header, count: 8 * NetReport.words))
      return NetFrame.control
    }
    unsafe (record + NetRecord.header).initializeMemory(as: UInt8.self, repeating: 0, count: NetFrame.smallest - 46)
    unsafe head.write(record, controlSum)
    return NetFrame.smallest
  }

  @unsafe @inline(__always)
  private mutating func pass(_ frame: nm_net_frame, _ tag: Int) throws(NetFailure) -> Bool {
    let tryAgain: Int32 = -11
    var frame = unsafe frame
    let status = unsafe device.pointee.send(device.pointee.context, &frame)
    guard status == 0 else {
      if status == tryAgain { return false }
      throw .refused(status: status)
    }
    unsafe isBusy[tag] = true
    inFlight &+= 1
    return true
  }

  /// Makes the frames sent since the last time visible to the device.
  @inline(__always)
  func kick() { unsafe device.pointee.kick(device.pointee.context) }

  /// Whether there is a buffer for a frame of data.
  var hasRoom: Bool { freeCount > 0 }

  /// Takes back buffers whose frames left.
  /// - Parameter mayWait: whether nothing else is to be done until one is there.
  mutating func takeSent(mayWait: Bool) throws(NetFailure) {
    guard inFlight > 0 else { return }
    let count = unsafe device.pointee.sent(
      device.pointee.context, tags, NetQueue.batch, parameters.waits && mayWait ? 1 : 0)
    guard count <= NetQueue.batch else { throw .tooMany(count) }
    for index in 0..<Int(count) {
      let tag = Int(unsafe tags[index])
      guard tag < dataTags + Int(NetParameters.controlTags), unsafe isBusy[tag] else {
        throw .stray(tag: UInt16(truncatingIfNeeded: tag))
      }
      unsafe isBusy[tag] = false
      inFlight &-= 1
      if tag < dataTags {
        unsafe free[freeCount] = UInt16(truncatingIfNeeded: tag)
        freeCount &+= 1
      } else {
        unsafe freeControl[freeControlCount] = UInt16(truncatingIfNeeded: tag)
        freeControlCount &+= 1
      }
    }
  }
}
