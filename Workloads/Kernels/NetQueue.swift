import ProbeABI

/// Frames on their way through a network device: stamps and sends them, gives their buffers to new ones when they left, takes
/// and verifies what arrives. Everything it needs is preallocated; nothing is allocated or copied on the way.
/// Sound as `@safe` because tags from the device are checked before they index anything; whoever makes one vouches for the
/// device, the frames that it stores, and the memory.
@safe struct NetQueue: ~Copyable {
  private let device: UnsafePointer<nm_net_device>
  let parameters: NetParameters
  private let address: UInt64
  private let buffers: UInt64
  private let stride: UInt64
  private let dataTags: Int
  /// Free tags: those of data frames, and those of control frames.
  private let free: UnsafeMutablePointer<UInt16>
  private let freeControl: UnsafeMutablePointer<UInt16>
  private var freeCount = 0
  private var freeControlCount = 0
  private let isBusy: UnsafeMutablePointer<Bool>
  private let frames: UnsafeMutablePointer<nm_net_frame>
  private let tags: UnsafeMutablePointer<UInt16>
  /// What a data frame's device is told, all but its place.
  private var outgoing: nm_net_frame
  private var restSum: NetSum
  private let controlSum: NetSum

  /// The stream that runs; names 24 bits, never two in a row alike.
  private var stream: UInt32
  /// Frames that were taken by the device and not yet given back.
  private(set) var inFlight: UInt64 = 0
  /// TSC right after the last call of the device's `receive`.
  var now: UInt64 = 0
  /// TSC of the last sign of life.
  var lastProgress: UInt64 = 0

  /// Number of the next record to send.
  private(set) var number: UInt64 = 0
  /// The far end has seen, or passed over, all records below this.
  private(set) var acknowledged: UInt64 = 0
  /// What arrived.
  private(set) var tracker = NetTracker()
  /// Frames that arrived with a wrong byte.
  private(set) var corrupted: UInt64 = 0
  /// The far end's latest answers in this stream.
  private(set) var report = NetReport()
  private(set) var reports: UInt64 = 0
  private(set) var isReady = false

  private static var batch: UInt32 { 32 }
  /// Bytes before a frame in its buffer, so that what follows its Ethernet header is aligned.
  private static var padding: UInt64 { 2 }

  /// Frames of data that there are buffers for.
  private static func dataFrames(_ parameters: NetParameters, _ depth: UInt32) -> UInt64 {
    min(parameters.credit, UInt64(depth) - NetParameters.controlTags)
  }

  private static func stride(_ parameters: NetParameters) -> UInt64 {
    (max(parameters.frameLength, UInt64(NetFrame.control)) + padding + 63) / 64 * 64
  }

  /// Bytes of buffers that a queue needs.
  static func bufferMemory(_ parameters: NetParameters, depth: UInt32) -> UInt64 {
    (dataFrames(parameters, depth) + NetParameters.controlTags) * stride(parameters)
  }

  /// - Parameters:
  ///   - device: outlives the queue.
  ///   - state: `JobContext.slots`.
  ///   - buffers: `bufferMemory` bytes.
  @unsafe init(
    device: UnsafePointer<nm_net_device>, parameters: NetParameters, job: borrowing Job, tscKilohertz: UInt64,
    state: Region, buffers: Region
  ) {
    unsafe self.device = unsafe device
    self.parameters = parameters
    self.tscKilohertz = tscKilohertz
    let bytes = unsafe device.pointee.address
    address =
      UInt64(bytes.0) | UInt64(bytes.1) << 8 | UInt64(bytes.2) << 16 | UInt64(bytes.3) << 24 | UInt64(bytes.4) << 32
      | UInt64(bytes.5) << 40
    self.buffers = buffers.address + NetQueue.padding
    stride = NetQueue.stride(parameters)
    dataTags = Int(NetQueue.dataFrames(parameters, unsafe device.pointee.queue_depth))
    stream = UInt32(truncatingIfNeeded: UInt64(job.number) << 4 & 0xff_ffff)
    var state = state
    func array<Element: BitwiseCopyable>(_ type: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element> {
      let region = state.carve(UInt64(count * MemoryLayout<Element>.stride), alignment: 64)
      return unsafe (region ?? Region(address: 0, count: 0)).pointer(to: type)
    }
    let most = Int(NetParameters.largestCredit + NetParameters.controlTags)
    unsafe free = unsafe array(UInt16.self, most)
    unsafe freeControl = unsafe array(UInt16.self, Int(NetParameters.controlTags))
    unsafe isBusy = unsafe array(Bool.self, most)
    unsafe frames = unsafe array(nm_net_frame.self, Int(NetQueue.batch))
    unsafe tags = unsafe array(UInt16.self, Int(NetQueue.batch))
    unsafe outgoing = nm_net_frame()
    unsafe outgoing.length = UInt32(parameters.size)
    if parameters.records > 1, !parameters.receives {
      unsafe outgoing = NetFrame.largeFrame(records: Int(parameters.records))
    }
    let rest = unsafe UnsafeMutableRawPointer(bitPattern: UInt(buffers.address)).unsafelyUnwrapped
    unsafe rest.storeBytes(of: SIMD8<UInt64>(), as: SIMD8<UInt64>.self)
    controlSum = unsafe NetSum(rest, count: NetFrame.smallest - NetFrame.ethernetHeader - NetRecord.header)
    restSum = controlSum
    fillBuffers(seed: job.seed)
  }

  private let tscKilohertz: UInt64

  /// Milliseconds as ticks.
  func ticks(milliseconds: UInt64) -> UInt64 { milliseconds &* tscKilohertz }

  /// Frees every tag and writes into every buffer what does not change from frame to frame.
  private mutating func fillBuffers(seed: UInt64) {
    let sends = parameters.receives ? 1 : Int(parameters.records)
    let record = sends > 1 ? NetFrame.segment : Int(parameters.size) - NetFrame.ethernetHeader
    for tag in 0..<dataTags + Int(NetParameters.controlTags) {
      unsafe isBusy[tag] = false
      guard tag < dataTags else {
        unsafe freeControl[freeControlCount] = UInt16(tag)
        freeControlCount += 1
        continue
      }
      unsafe free[freeCount] = UInt16(tag)
      freeCount += 1
      let frame = unsafe buffer(tag)
      if sends > 1 {
        unsafe NetFrame.writeLargeHeader(frame, to: NetFrame.farAddress, from: address, records: sends)
      } else {
        unsafe NetFrame.writeHeader(frame, to: NetFrame.farAddress, from: address)
      }
      let start = sends > 1 ? NetFrame.largeHeader : NetFrame.ethernetHeader
      for index in 0..<sends {
        let rest = unsafe frame + start + index * record + NetRecord.header
        unsafe NetPattern.fill(rest, count: record - NetRecord.header, seed: seed)
        unsafe restSum = NetSum(rest, count: record - NetRecord.header)
      }
    }
  }

  @unsafe @inline(__always)
  private func buffer(_ tag: Int) -> UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(bitPattern: UInt(buffers &+ UInt64(tag) &* stride)).unsafelyUnwrapped
  }
}

// MARK: Sending

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

// MARK: Receiving

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
