import ProbeABI

/// The far end of a wire: takes what a net workload sends, verifies and counts it, and sends what is asked of it: acknowledgements,
/// echoes, a stream of its own. The same code for native and guest legs, driven by whoever serves the wire; it never waits,
/// allocates or reads a clock. A stream's rules come in a `start` record, so that nothing but frames crosses the wire.
/// What arrives is not trusted: lengths are checked, and nothing grows with it.
/// Sound as `@safe` because what it writes to is sized by `memorySize`; whoever makes one vouches for the memory.
@safe public struct NetFarEnd: ~Copyable {
  /// A ping that is to be sent back.
  private struct Echo: BitwiseCopyable {
    var number: UInt64
    var word: UInt64
  }

  private static var mostEchoes: UInt64 { 1024 }
  private static var patternSize: Int { 2048 }

  private let echoes: UnsafeMutablePointer<Echo>
  /// What follows the head of every record that it sends.
  private let pattern: UnsafeMutableRawPointer
  private var patternSum: NetSum
  private let shortSum: NetSum

  private var role: NetStart.Role?
  private var stream: UInt32 = 0
  private var start: NetStart
  /// Addresses of the workload's device, learnt from what it sends, six bytes.
  private var address: UInt64 = 0xffff_ffff_ffff
  private var tracker = NetTracker()
  private var corrupted: UInt64 = 0
  /// Of the last acknowledgement.
  private var acknowledged: UInt64 = 0
  private var sent: UInt64 = 0
  private var granted: UInt64 = 0
  private var echoesTaken: UInt64 = 0
  private var echoesSent: UInt64 = 0
  private var owesReady = false
  private var owesReport = false

  /// Bytes of memory that it needs, aligned to 64.
  public static var memorySize: Int { Int(mostEchoes) * MemoryLayout<Echo>.stride + patternSize }
  /// Bytes of the largest frame that it sends.
  public static var largestFrame: Int { NetFrame.largest }
  /// Its Ethernet address, six bytes, the first one lowest.
  public static var address: UInt64 { NetFrame.farAddress }

  /// - Parameter memory: `memorySize` bytes that outlive it.
  @unsafe public init(memory: UnsafeMutableRawPointer) {
    unsafe echoes = unsafe memory.assumingMemoryBound(to: Echo.self)
    unsafe pattern = unsafe memory + Int(NetFarEnd.mostEchoes) * MemoryLayout<Echo>.stride
    start = NetStart(role: .sink, size: UInt64(NetFrame.smallest), records: 1, stride: 1)
    unsafe pattern.initializeMemory(as: UInt8.self, repeating: 0, count: NetFarEnd.patternSize)
    shortSum = unsafe NetSum(pattern, count: NetFrame.smallest - NetFrame.ethernetHeader - NetRecord.header)
    patternSum = shortSum
  }

  /// Frames with wrong bytes that arrived since the last stream began.
  public var corruptedFrames: UInt64 { corrupted }

  // MARK: Taking

  /// Takes a frame.
  /// - Parameters:
  ///   - frame: is only read, and may change meanwhile.
  ///   - count: bytes of it.
  @unsafe public mutating func take(_ frame: UnsafeRawPointer, count: Int) {
    guard let records = unsafe NetFrame.records(frame, count: count) else { return }
    for place in 0..<records.count {
      let record = unsafe frame + (records.start &+ place &* records.length)
      guard let found = unsafe NetRecord.read(record, count: records.length) else {
        corrupted &+= 1
        continue
      }
      if found.kind == .start {
        unsafe begin(found, record, length: records.length, frame)
      } else if found.stream == stream, let role {
        take(found, role)
      }
    }
  }

  @inline(__always)
  private mutating func take(_ found: NetRecord, _ role: NetStart.Role) {
    switch found.kind {
    case .data: if role == .sink || role == .both { _ = tracker.note(found.number) }
    case .ping:
      guard role == .reflector, echoesTaken &- echoesSent < NetFarEnd.mostEchoes else { return }
      _ = tracker.note(found.number)
      unsafe echoes[Int(echoesTaken % NetFarEnd.mostEchoes)] = Echo(number: found.number, word: found.word)
      echoesTaken &+= 1
    case .grant: granted = max(granted, found.word)
    case .poll:
      owesReport = true
      if found.word != 0 { granted = min(granted, sent) }
    default: break
    }
  }

  /// Begins a stream, or says once more that it has begun.
  @unsafe private mutating func begin(
    _ found: NetRecord, _ record: UnsafeRawPointer, length: Int, _ frame: UnsafeRawPointer
  ) {
    guard length >= NetRecord.header + 8 * NetReport.words,
      let asked = unsafe NetStart(record + NetRecord.header)
    else { return }
    owesReady = true
    if role != nil, stream == found.stream { return }
    role = asked.role
    start = asked
    stream = found.stream
    address = unsafe frame.loadUnaligned(fromByteOffset: 6, as: UInt64.self) & 0xffff_ffff_ffff
    tracker = NetTracker()
    (corrupted, acknowledged, sent, granted) = (0, 0, 0, 0)
    (echoesTaken, echoesSent) = (0, 0)
    owesReport = false
    let rest = recordLength - NetRecord.header
    unsafe NetPattern.fill(pattern, count: rest, seed: UInt64(stream))
    patternSum = unsafe NetSum(pattern, count: rest)
  }

  /// Bytes of the records of data that it sends; at most 1500, by `NetStart`.
  private var recordLength: Int {
    start.records > 1 ? NetFrame.segment : Int(start.size) - NetFrame.ethernetHeader
  }

  // MARK: Sending

  /// Bytes of the next frame that it has to send, 0 while there is none.
  @inline(__always)
  public var pending: Int {
    if owesReport { return NetFrame.control }
    if owesReady { return NetFrame.smallest }
    guard let role else { return 0 }
    switch role {
    case .reflector: return echoesSent != echoesTaken ? Int(start.size) : 0
    case .sink: return owesAcknowledgement ? NetFrame.smallest : 0
    case .source: return sent < granted ? dataLength : 0
    case .both: return owesAcknowledgement ? NetFrame.smallest : sent < granted ? dataLength : 0
    }
  }

  private var owesAcknowledgement: Bool { tracker.next &- acknowledged >= start.stride }

  private var dataLength: Int {
    start.records > 1 ? NetFrame.largeHeader + Int(start.records) * NetFrame.segment : Int(start.size)
  }

  /// Writes the next frame. `pending` is not 0.
  /// - Parameter frame: room for `pending` bytes; written only, and not trusted to keep what was written.
  /// - Returns: its length, and what is left to do for it.
  @unsafe public mutating func produce(_ frame: UnsafeMutableRawPointer) -> nm_net_frame {
    var result = unsafe nm_net_frame()
    if owesReport {
      owesReport = false
      unsafe writeReport(frame)
      unsafe result.length = UInt32(NetFrame.control)
    } else if owesReady {
      owesReady = false
      unsafe writeShort(.ready, word: 0, to: frame)
      unsafe result.length = UInt32(NetFrame.smallest)
    } else if role == .reflector {
      let echo = unsafe echoes[Int(echoesSent % NetFarEnd.mostEchoes)]
      echoesSent &+= 1
      unsafe writePlain(NetRecord(kind: .echo, stream: stream, number: echo.number, word: echo.word), to: frame)
      unsafe result.length = UInt32(start.size)
    } else if role != .source, owesAcknowledgement {
      acknowledged = tracker.next
      unsafe writeShort(.acknowledgement, word: acknowledged, to: frame)
      unsafe result.length = UInt32(NetFrame.smallest)
    } else if start.records > 1 {
      unsafe writeLarge(frame)
      unsafe result = NetFrame.largeFrame(records: Int(start.records))
    } else {
      unsafe writePlain(NetRecord(kind: .data, stream: stream, number: sent, word: 0), to: frame)
      sent &+= 1
      unsafe result.length = UInt32(start.size)
    }
    return unsafe result
  }

  @unsafe @inline(__always)
  private func writePlain(_ record: NetRecord, to frame: UnsafeMutableRawPointer) {
    unsafe NetFrame.writeHeader(frame, to: address, from: NetFrame.farAddress)
    let place = unsafe frame + NetFrame.ethernetHeader
    unsafe record.write(place, patternSum)
    unsafe (place + NetRecord.header).copyMemory(from: pattern, byteCount: recordLength &- NetRecord.header)
  }

  @unsafe private mutating func writeLarge(_ frame: UnsafeMutableRawPointer) {
    let count = Int(start.records)
    unsafe NetFrame.writeLargeHeader(frame, to: address, from: NetFrame.farAddress, records: count)
    for index in 0..<count {
      let place = unsafe frame + (NetFrame.largeHeader &+ index &* NetFrame.segment)
      unsafe NetRecord(kind: .data, stream: stream, number: sent, word: 0).write(place, patternSum)
      unsafe (place + NetRecord.header).copyMemory(from: pattern, byteCount: NetFrame.segment &- NetRecord.header)
      sent &+= 1
    }
  }

  @unsafe private func writeShort(_ kind: NetRecord.Kind, word: UInt64, to frame: UnsafeMutableRawPointer) {
    unsafe NetFrame.writeHeader(frame, to: address, from: NetFrame.farAddress)
    let place = unsafe frame + NetFrame.ethernetHeader
    let rest = NetFrame.smallest - NetFrame.ethernetHeader - NetRecord.header
    unsafe (place + NetRecord.header).initializeMemory(as: UInt8.self, repeating: 0, count: rest)
    unsafe NetRecord(kind: kind, stream: stream, number: 0, word: word).write(place, shortSum)
  }

  @unsafe private mutating func writeReport(_ frame: UnsafeMutableRawPointer) {
    var report = NetReport()
    report.next = tracker.next
    report.received = tracker.received
    report.duplicated = tracker.duplicated
    report.reordered = tracker.reordered
    report.corrupted = corrupted
    report.sent = sent
    acknowledged = tracker.next
    unsafe NetFrame.writeHeader(frame, to: address, from: NetFrame.farAddress)
    let place = unsafe frame + NetFrame.ethernetHeader
    // The sum is taken of a copy: the frame's own memory may already have been changed by a guest.
    var body = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))
    unsafe withUnsafeMutableBytes(of: &body) { bytes in
      let base = unsafe bytes.baseAddress.unsafelyUnwrapped
      unsafe report.write(base)
      unsafe (place + NetRecord.header).copyMemory(from: base, byteCount: bytes.count)
      unsafe NetRecord(kind: .report, stream: stream, number: 0, word: 0).write(place, NetSum(base, count: bytes.count))
    }
  }
}
