import ProbeABI

/// Receiving.
extension NetQueue {
  /// Takes what arrived.
  /// - Parameters:
  ///   - mayWait: whether nothing else is to be done until something arrives.
  ///   - histogram: takes the ages of echoes, when `record` is true.
  /// - Returns: frames that belong to the stream.
  mutating func take(mayWait: Bool, record: Bool, _ histogram: inout Histogram) throws(NetFailure) -> Int {
    let count = unsafe device.pointee.receive(
      device.pointee.context, frames, NetQueue.batch, parameters.waits && mayWait ? 1 : 0)
    now = nm_tsc()
    guard count > 0 else { return 0 }
    guard count <= NetQueue.batch else { throw .tooMany(count) }
    var ours = 0
    for index in 0..<Int(count) {
      let frame = unsafe frames[index]
      guard let data = unsafe frame.data,
        let records = unsafe NetFrame.records(data, count: Int(frame.length))
      else { continue }
      for place in 0..<records.count {
        guard
          let found = unsafe NetRecord.read(
            data + (records.start &+ place &* records.length), count: records.length)
        else {
          corrupted &+= 1
          continue
        }
        guard found.stream == stream else { continue }
        ours &+= 1
        if found.kind == .report {
          unsafe take(report: data + records.start + NetRecord.header, length: records.length)
        } else {
          try take(found, record, &histogram)
        }
      }
    }
    unsafe device.pointee.release(device.pointee.context, frames, count)
    if ours > 0 { lastProgress = now }
    return ours
  }

  @inline(__always)
  private mutating func take(
    _ found: NetRecord, _ record: Bool, _ histogram: inout Histogram
  ) throws(NetFailure) {
    switch found.kind {
    case .data: _ = tracker.note(found.number)
    case .echo:
      guard tracker.note(found.number, limit: number) else {
        throw .impossible(claim: found.number, limit: number)
      }
      if record { histogram.record(now &- found.word) }
    case .acknowledgement:
      guard found.word <= number else { throw .impossible(claim: found.word, limit: number) }
      acknowledged = max(acknowledged, found.word)
    case .ready: isReady = true
    default: break
    }
  }

  @unsafe private mutating func take(report body: UnsafeRawPointer, length: Int) {
    guard length >= NetRecord.header + 8 * NetReport.words else { return }
    unsafe report = NetReport(body)
    reports &+= 1
    acknowledged = max(acknowledged, min(report.next, number))
  }

  /// Begins a stream: forgets what was counted so far.
  mutating func beginStream() {
    stream = stream &+ 1 & 0xff_ffff
    (number, acknowledged, reports) = (0, 0, 0)
    tracker = NetTracker()
    report = NetReport()
    isReady = false
    corrupted = 0
    lastProgress = nm_tsc()
  }

  /// Takes back every buffer, whatever became of its frame.
  /// - Returns: false when the device keeps some of them beyond the deadline.
  mutating func drain() -> Bool {
    kick()
    let begin = nm_tsc()
    while inFlight > 0 {
      do throws(NetFailure) { try takeSent(mayWait: true) } catch { return false }
      if nm_tsc() &- begin > ticks(milliseconds: parameters.deadlineMilliseconds) { return false }
    }
    return true
  }
}
