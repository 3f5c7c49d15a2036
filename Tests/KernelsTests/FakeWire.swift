import ProbeABI

@testable import Kernels

/// A network device in memory with the far end right behind it, which can be made to misbehave in either direction.
/// Sound as `@safe` because frames are copied with their lengths checked.
@safe final class FakeWire {
  /// What goes wrong.
  enum Fault: Equatable {
    case none
    /// Every n-th frame of data, ping or echo vanishes.
    case loses(Int)
    /// Every n-th of them comes twice.
    case duplicates(Int)
    /// Every n-th of them comes after the one behind it.
    case swaps(Int)
    /// In every n-th of them the given byte is changed.
    case corrupts(Int, byte: Int)
    /// Control frames vanish: the first n of them.
    case losesControl(Int)
    /// Nothing passes after so many frames.
    case silentAfter(Int)
    /// Frames of others come in between.
    case foreign
    /// `sent` names frames that are not on their way.
    case strayTags
    /// `send` returns this.
    case refusal(Int32)
    /// Large frames arrive cut into frames of one segment each.
    case cuts
    /// `receive` claims more than it was given room for.
    case tooMany
    /// The far end has no time: it takes what comes before a stream's first question, and the rest once so many were asked.
    case starves(Int)
    /// Tags come back only when this many are out.
    case slowTags(Int)
  }

  /// Which way the fault is.
  enum Way { case out, back }

  private let fault: Fault
  private let way: Way
  private let features: UInt32
  private let depth: UInt32
  private var farEnd: NetFarEnd
  private let memory: UnsafeMutableRawPointer
  private let scratch: UnsafeMutableRawPointer
  private var tags: [UInt16] = []
  private var visible: [[UInt8]] = []
  private var waiting: [[UInt8]] = []
  private var held: [UInt8]?
  private var lent: [UnsafeMutableRawPointer] = unsafe []
  private var dataFrames = 0
  private var controlFrames = 0
  private var allFrames = 0
  private var questions = 0
  private var starved: [[UInt8]] = []
  /// Frames of data, pings or echoes that were changed on their way.
  private(set) var faults = 0
  private(set) var waits = 0
  private(set) var longest = 0

  init(features: UInt32 = 0, depth: UInt32 = 64, fault: Fault = .none, way: Way = .out) {
    self.fault = fault
    self.way = way
    self.features = features
    self.depth = depth
    unsafe memory = .allocate(byteCount: NetFarEnd.memorySize, alignment: 64)
    unsafe scratch = .allocate(byteCount: NetFarEnd.largestFrame, alignment: 64)
    farEnd = unsafe NetFarEnd(memory: memory)
  }

  deinit {
    unsafe memory.deallocate()
    unsafe scratch.deallocate()
    for index in unsafe lent.indices { unsafe lent[index].deallocate() }
  }

  var device: nm_net_device {
    var device = unsafe nm_net_device()
    unsafe device.context = Unmanaged.passUnretained(self).toOpaque()
    unsafe device.features = features
    unsafe device.maximum = features & NM_NET_SEGMENTATION != 0 ? NM_NET_LARGE_FRAME : NM_NET_PLAIN_FRAME
    unsafe device.queue_depth = depth
    unsafe device.address = (2, 0, 0, 0, 0, 9)
    unsafe device.send = { context, frame in unsafe FakeWire.of(context).send(frame!.pointee) }
    unsafe device.kick = { context in unsafe FakeWire.of(context).kick() }
    unsafe device.sent = { context, tags, limit, wait in unsafe FakeWire.of(context).sent(tags!, Int(limit)) }
    unsafe device.receive = { context, frames, limit, wait in
      unsafe FakeWire.of(context).receive(frames!, Int(limit), wait)
    }
    unsafe device.release = { context, frames, count in unsafe FakeWire.of(context).release(Int(count)) }
    return unsafe device
  }

  @unsafe private static func of(_ context: UnsafeMutableRawPointer?) -> FakeWire {
    unsafe Unmanaged<FakeWire>.fromOpaque(context!).takeUnretainedValue()
  }

  @unsafe private func send(_ frame: nm_net_frame) -> Int32 {
    if case .refusal(let status) = fault { return status }
    guard tags.count < Int(depth) else { return -11 }
    unsafe tags.append(frame.tag)
    longest = max(longest, unsafe Int(frame.length))
    unsafe visible.append(Array(UnsafeRawBufferPointer(start: frame.data, count: Int(frame.length))))
    return 0
  }

  private func kick() {
    let frames = visible
    visible = []
    for frame in frames.flatMap(taken) {
      for passed in pass(frame, .out) {
        unsafe passed.withUnsafeBytes { unsafe farEnd.take($0.baseAddress!, count: $0.count) }
      }
    }
    let room = unsafe UnsafeMutableRawBufferPointer(start: scratch, count: NetFarEnd.largestFrame)
    while let made = unsafe farEnd.produce(into: room) {
      let frame = unsafe Array(UnsafeRawBufferPointer(start: scratch, count: Int(made.length)))
      waiting +=
        unsafe made.segment_size > 0 && fault == .cuts ? cut(frame).flatMap { pass($0, .back) } : pass(frame, .back)
    }
  }

  /// Frames that the far end takes when it is offered one.
  private func taken(_ frame: [UInt8]) -> [[UInt8]] {
    guard case .starves(let limit) = fault else { return [frame] }
    let kind = NetRecord.Kind(rawValue: frame[18])
    if kind == .start { (questions, starved) = (0, []) }
    starved.append(frame)
    if kind == .poll { questions += 1 }
    guard kind == .start || kind == .poll && questions == 1 || questions >= limit else { return [] }
    defer { starved = [] }
    return starved
  }

  /// What comes out of the wire for a frame that goes in.
  private func pass(_ frame: [UInt8], _ direction: Way) -> [[UInt8]] {
    allFrames += 1
    if case .silentAfter(let limit) = fault, allFrames > limit { return [] }
    if fault == .cuts, direction == .out, frame.count > 1514 { return cut(frame) }
    if fault == .foreign {
      var other = frame
      (other[12], other[13]) = (0x86, 0xdd)
      return [other, frame, [UInt8](repeating: 0xff, count: 20)]
    }
    guard direction == way else { return [frame] }
    let kind = frame.count > 1514 ? NetRecord.Kind.data.rawValue : frame[18]
    guard [.data, .ping, .echo].map(\NetRecord.Kind.rawValue).contains(kind) else {
      controlFrames += 1
      if case .losesControl(let count) = fault, controlFrames <= count { return [] }
      let before = held.map { [$0] } ?? []
      held = nil
      return before + [frame]
    }
    dataFrames += 1
    let before = held.map { [$0] } ?? []
    held = nil
    switch fault {
    case .loses(let every) where dataFrames % every == 0:
      faults += 1
      return []
    case .duplicates(let every) where dataFrames % every == 0:
      faults += 1
      return [frame, frame]
    case .swaps(let every) where dataFrames % every == 0:
      faults += 1
      held = frame
      return []
    case .corrupts(let every, let byte) where dataFrames % every == 0:
      faults += 1
      var wrong = frame
      wrong[byte % frame.count] ^= 0x20
      return [wrong]
    default: return [frame] + before
    }
  }

  /// A large frame as frames of one segment each.
  private func cut(_ frame: [UInt8]) -> [[UInt8]] {
    stride(from: NetFrame.largeHeader, to: frame.count, by: NetFrame.segment).map {
      Array(frame[..<NetFrame.largeHeader] + frame[$0..<$0 + NetFrame.segment])
    }
  }

  @unsafe private func sent(_ result: UnsafeMutablePointer<UInt16>, _ limit: Int) -> UInt32 {
    if case .slowTags(let number) = fault, tags.count < number { return 0 }
    let count = min(limit, tags.count)
    for index in 0..<count { unsafe result[index] = fault == .strayTags ? 0x8000 : tags[index] }
    tags.removeFirst(count)
    return UInt32(count)
  }

  @unsafe private func receive(_ frames: UnsafeMutablePointer<nm_net_frame>, _ limit: Int, _ wait: UInt32) -> UInt32 {
    waits += wait == 0 ? 0 : 1
    if fault == .tooMany { return UInt32(limit) + 1 }
    let count = min(limit, waiting.count)
    for index in 0..<count {
      let bytes = waiting[index]
      let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 64)
      unsafe bytes.withUnsafeBytes { unsafe copy.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
      unsafe lent.append(copy)
      unsafe frames[index] = nm_net_frame()
      unsafe frames[index].data = unsafe copy
      unsafe frames[index].length = UInt32(bytes.count)
    }
    waiting.removeFirst(count)
    return UInt32(count)
  }

  private func release(_ count: Int) {
    for index in 0..<count { unsafe lent[index].deallocate() }
    unsafe lent.removeFirst(count)
  }
}
