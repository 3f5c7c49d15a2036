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

  /// nil before the first stream.
  private var work: NetStart.Work?
  private var stream: UInt32 = 0
  private var stride: UInt64 = 1
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
      } else if found.stream == stream, let work {
        take(found, work)
      }
    }
  }

  @inline(__always)
  private mutating func take(_ found: NetRecord, _ work: NetStart.Work) {
    switch found.kind {
    case .data:
      switch work {
      case .sink, .both: _ = tracker.note(found.number)
      default: break
      }
    case .ping:
      guard case .reflector = work, echoesTaken &- echoesSent < NetFarEnd.mostEchoes else { return }
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
    if work != nil, stream == found.stream { return }
    work = asked.work
    stride = asked.stride
    stream = found.stream
    address = unsafe frame.loadUnaligned(fromByteOffset: 6, as: UInt64.self) & 0xffff_ffff_ffff
    tracker = NetTracker()
    (corrupted, acknowledged, sent, granted) = (0, 0, 0, 0)
    (echoesTaken, echoesSent) = (0, 0)
    owesReport = false
    guard let shape = asked.work.shape else { return }
    let rest = shape.recordLength - NetRecord.header
    unsafe NetPattern.fill(pattern, count: rest, seed: UInt64(stream))
    patternSum = unsafe NetSum(pattern, count: rest)
  }

  // MARK: Sending

  /// A frame that it has to send.
  private enum Due: BitwiseCopyable {
    case report
    case ready
    case echo(size: Int)
    case acknowledgement
    case data(NetShape)

    /// Bytes of it.
    @inline(__always)
    var length: Int {
      switch self {
      case .report: NetFrame.control
      case .ready, .acknowledgement: NetFrame.smallest
      case .echo(let size): size
      case .data(let shape): shape.frameLength
      }
    }
  }

  /// The next frame that it has to send; nil while there is none.
  @inline(__always)
  private var due: Due? {
    if owesReport { return .report }
    if owesReady { return .ready }
    guard let work else { return nil }
    switch work {
    case .reflector(let size): return echoesSent != echoesTaken ? .echo(size: size) : nil
    case .sink: return owesAcknowledgement ? .acknowledgement : nil
    case .source(let shape): return sent < granted ? .data(shape) : nil
    case .both(let shape):
      if owesAcknowledgement { return .acknowledgement }
      return sent < granted ? .data(shape) : nil
    }
  }

  private var owesAcknowledgement: Bool { tracker.next &- acknowledged >= stride }

  /// Bytes of the next frame that it has to send, 0 while there is none.
  @inline(__always)
  public var pending: Int { due?.length ?? 0 }

  /// Writes the next frame, if there is one and the room is large enough for it.
  /// - Parameter room: written only, and not trusted to keep what was written.
  /// - Returns: the frame's length, and what is left to do for it; nil where nothing was written.
  public mutating func produce(into room: UnsafeMutableRawBufferPointer) -> nm_net_frame? {
    guard let due, due.length <= room.count else { return nil }
    let frame = unsafe FrameRoom(room, count: due.length)
    var result = unsafe nm_net_frame()
    unsafe result.length = UInt32(due.length)
    switch due {
    case .report:
      owesReport = false
      writeReport(to: frame)
    case .ready:
      owesReady = false
      writeShort(.ready, word: 0, to: frame)
    case .echo(let size):
      let echo = unsafe echoes[Int(echoesSent % NetFarEnd.mostEchoes)]
      echoesSent &+= 1
      let record = NetRecord(kind: .echo, stream: stream, number: echo.number, word: echo.word)
      writePlain(record, size: size, to: frame)
    case .acknowledgement:
      acknowledged = tracker.next
      writeShort(.acknowledgement, word: acknowledged, to: frame)
    case .data(.plain(let size)):
      writePlain(NetRecord(kind: .data, stream: stream, number: sent, word: 0), size: size, to: frame)
      sent &+= 1
    case .data(.large(let records)):
      writeLarge(records, to: frame)
      unsafe result = NetFrame.largeFrame(records: records)
    }
    return unsafe result
  }

  /// Room for one frame: what does not lie inside ends the program rather than being written.
  @safe private struct FrameRoom: BitwiseCopyable {
    private let base: UnsafeMutableRawPointer
    private let count: Int

    /// - Parameter count: bytes of the room that the frame takes up, at most all.
    @unsafe @inline(__always)
    init(_ room: UnsafeMutableRawBufferPointer, count: Int) {
      unsafe base = room.baseAddress.unsafelyUnwrapped
      self.count = count
    }

    /// Where `count` bytes from an offset lie.
    @unsafe @inline(__always)
    func place(_ offset: Int, _ count: Int) -> UnsafeMutableRawPointer {
      precondition(offset >= 0 && count >= 0 && offset &+ count <= self.count)
      return unsafe base + offset
    }
  }

  @inline(__always)
  private func writePlain(_ record: NetRecord, size: Int, to frame: FrameRoom) {
    let length = size &- NetFrame.ethernetHeader
    unsafe NetFrame.writeHeader(frame.place(0, NetFrame.ethernetHeader), to: address, from: NetFrame.farAddress)
    let place = unsafe frame.place(NetFrame.ethernetHeader, length)
    unsafe record.write(place, patternSum)
    unsafe (place + NetRecord.header).copyMemory(from: pattern, byteCount: length &- NetRecord.header)
  }

  private mutating func writeLarge(_ records: Int, to frame: FrameRoom) {
    unsafe NetFrame.writeLargeHeader(
      frame.place(0, NetFrame.largeHeader), to: address, from: NetFrame.farAddress, records: records)
    for index in 0..<records {
      let place = unsafe frame.place(NetFrame.largeHeader &+ index &* NetFrame.segment, NetFrame.segment)
      unsafe NetRecord(kind: .data, stream: stream, number: sent, word: 0).write(place, patternSum)
      unsafe (place + NetRecord.header).copyMemory(from: pattern, byteCount: NetFrame.segment &- NetRecord.header)
      sent &+= 1
    }
  }

  private func writeShort(_ kind: NetRecord.Kind, word: UInt64, to frame: FrameRoom) {
    unsafe NetFrame.writeHeader(frame.place(0, NetFrame.ethernetHeader), to: address, from: NetFrame.farAddress)
    let length = NetFrame.smallest - NetFrame.ethernetHeader
    let place = unsafe frame.place(NetFrame.ethernetHeader, length)
    unsafe (place + NetRecord.header).initializeMemory(
      as: UInt8.self, repeating: 0, count: length - NetRecord.header)
    unsafe NetRecord(kind: kind, stream: stream, number: 0, word: word).write(place, shortSum)
  }

  private mutating func writeReport(to frame: FrameRoom) {
    var report = NetReport()
    report.next = tracker.next
    report.received = tracker.received
    report.duplicated = tracker.duplicated
    report.reordered = tracker.reordered
    report.corrupted = corrupted
    report.sent = sent
    acknowledged = tracker.next
    unsafe NetFrame.writeHeader(frame.place(0, NetFrame.ethernetHeader), to: address, from: NetFrame.farAddress)
    let place = unsafe frame.place(NetFrame.ethernetHeader, NetRecord.header + 8 * NetReport.words)
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
