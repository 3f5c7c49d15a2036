import ProbeABI

/// Frames on their way through a network device: stamps and sends them, gives their buffers to new ones when they left, takes
/// and verifies what arrives. Everything it needs is preallocated; nothing is allocated or copied on the way.
/// Sound as `@safe` because tags from the device are checked before they index anything; whoever makes one vouches for the
/// device, the frames that it stores, and the memory.
@safe struct NetQueue: ~Copyable {
  let device: UnsafePointer<nm_net_device>
  let parameters: NetParameters
  let address: UInt64
  let buffers: UInt64
  private let stride: UInt64
  let dataTags: Int
  /// Free tags: those of data frames, and those of control frames.
  let free: UnsafeMutablePointer<UInt16>
  let freeControl: UnsafeMutablePointer<UInt16>
  var freeCount = 0
  var freeControlCount = 0
  let isBusy: UnsafeMutablePointer<Bool>
  let frames: UnsafeMutablePointer<nm_net_frame>
  let tags: UnsafeMutablePointer<UInt16>
  /// What a data frame's device is told, all but its place.
  var outgoing: nm_net_frame
  var restSum: NetSum
  let controlSum: NetSum

  /// The stream that runs; names 24 bits, never two in a row alike.
  var stream: UInt32
  /// Frames that were taken by the device and not yet given back.
  var inFlight: UInt64 = 0
  /// TSC right after the last call of the device's `receive`.
  var now: UInt64 = 0
  /// TSC of the last sign of life.
  var lastProgress: UInt64 = 0

  /// Number of the next record to send.
  var number: UInt64 = 0
  /// The far end has seen, or passed over, all records below this.
  var acknowledged: UInt64 = 0
  /// What arrived.
  var tracker = NetTracker()
  /// Frames that arrived with a wrong byte.
  var corrupted: UInt64 = 0
  /// The far end's latest answers in this stream.
  var report = NetReport()
  var reports: UInt64 = 0
  var isReady = false

  static var batch: UInt32 { 32 }
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
  func buffer(_ tag: Int) -> UnsafeMutableRawPointer {
    unsafe UnsafeMutableRawPointer(bitPattern: UInt(buffers &+ UInt64(tag) &* stride)).unsafelyUnwrapped
  }
}
