import CLinux
import Kernels
import LinuxSystem
import ProbeABI
import Synchronization

/// The in-process wire as a native workload uses it: two rings shared with a far end that polls on a thread of its own. In a
/// guest the virtqueues are these rings, and the device model's thread has the far end in it (`InProcessLink`): two threads on two
/// CPUs either way, frames passed by reference either way.
@safe public final class RingWire {
  /// Frames of at most this many bytes have buffers of their own, so that small frames stay close together.
  private static var smallBuffer: Int { 2048 }
  private static var largeBuffers: UInt64 { 64 }
  private static var largeBuffer: Int { (NetFarEnd.largestFrame + 127) / 128 * 128 + 64 }
  /// Bytes before a frame, so that what follows its Ethernet header is aligned.
  private static var padding: Int { 2 }
  /// Seconds that a call waits at most.
  private static var patience: UInt64 { 5 }

  /// What both threads know.
  @safe private final class Shared: @unchecked Sendable {
    // @unchecked: the rings order what passes through them; the far end and its buffers belong to its thread.
    let outgoing = FrameRing()
    let incoming = FrameRing()
    let farEnd = FarEnd()
    let small: UnsafeMutableRawPointer
    let large: UnsafeMutableRawPointer
    let stop: StopSign
    /// Whether the far end sleeps when it has nothing to do, and what ends its sleep.
    let isParked = Atomic<Bool>(false)
    let wake: EventCounter
    /// The far end's kernel thread; 0 until it runs.
    let identifier = Atomic<Int32>(0)

    init() throws(SystemError) {
      stop = try StopSign()
      wake = try EventCounter(nonBlocking: true)
      unsafe small = .allocate(byteCount: Int(FrameRing.count) * smallBuffer, alignment: 64)
      unsafe large = .allocate(byteCount: Int(largeBuffers) * largeBuffer, alignment: 64)
    }

    deinit {
      unsafe small.deallocate()
      unsafe large.deallocate()
    }
  }

  /// What the workload's thread knows, reached through the context pointer.
  @safe private struct Near {
    let shared: Unmanaged<Shared>
    var sent: UInt64 = 0
    var returned: UInt64 = 0
    var received: UInt64 = 0
    var released: UInt64 = 0
    let tags: UnsafeMutablePointer<UInt16>
  }

  private let shared: Shared
  private let thread: PinnedThread
  private let near: UnsafeMutablePointer<Near>
  /// For `nm_environment.net`.
  public let device: UnsafeMutablePointer<nm_net_device>

  /// - Parameter cpu: of the far end, which keeps it busy until the wire goes.
  public init(cpu: Int?) throws(SystemError) {
    let shared = try Shared()
    self.shared = shared
    thread = try PinnedThread(name: "far end", cpu: cpu) {
      shared.identifier.store(nm_gettid(), ordering: .releasing)
      Self.serve(shared)
    }
    // Whoever counts its time needs to know it from the start.
    while shared.identifier.load(ordering: .acquiring) == 0 { _ = sched_yield() }
    unsafe near = .allocate(capacity: 1)
    unsafe near.initialize(
      to: Near(shared: .passUnretained(shared), tags: .allocate(capacity: Int(FrameRing.count))))
    unsafe device = .allocate(capacity: 1)
    unsafe device.initialize(to: Self.describe(near))
  }

  deinit {
    shared.stop.give()
    park(false)
    thread.join()
    unsafe near.pointee.tags.deallocate()
    unsafe near.deallocate()
    unsafe device.deallocate()
  }

  /// The far end's kernel thread.
  public var farThread: Int32 { shared.identifier.load(ordering: .acquiring) }

  /// Makes the far end sleep when it has nothing to do, or look without a break again.
  public func park(_ isParked: Bool) {
    shared.isParked.store(isParked, ordering: .releasing)
    if !isParked { shared.wake.signal() }
  }

  // MARK: The far end's thread

  private static func serve(_ shared: Shared) {
    var position: UInt64 = 0
    var produced: UInt64 = 0
    var idle = 0
    while true {
      let start = position
      while position &- start < 64, let frame = unsafe shared.outgoing.take(position) {
        if let data = unsafe frame.data { unsafe shared.farEnd.state.pointee.take(data, count: Int(frame.length)) }
        position &+= 1
      }
      if position != start { shared.outgoing.emptied = position }
      let sent = produce(shared, &produced)
      if position != start || sent {
        idle = 0
        continue
      }
      idle &+= 1
      if idle & 63 == 0 {
        if shared.stop.isGiven { return }
        if shared.isParked.load(ordering: .acquiring) {
          _ = shared.wake.wait(until: MonotonicClock.now + 1_000_000_000)
          _ = shared.wake.take()
        }
        nm_relax()
      }
    }
  }

  /// Sends what the far end has to send, as far as there are buffers.
  @inline(__always)
  private static func produce(_ shared: Shared, _ position: inout UInt64) -> Bool {
    let start = position
    while position &- start < 64 {
      let count = unsafe shared.farEnd.state.pointee.pending
      guard count > 0 else { break }
      let isSmall = count <= smallBuffer - padding
      guard position &- shared.incoming.emptied < (isSmall ? FrameRing.count : largeBuffers) else { break }
      let buffer =
        unsafe isSmall
        ? shared.small + Int(position % FrameRing.count) * smallBuffer
        : shared.large + Int(position % largeBuffers) * largeBuffer
      let room = unsafe UnsafeMutableRawBufferPointer(
        start: buffer + padding, count: (isSmall ? smallBuffer : largeBuffer) - padding)
      guard var frame = unsafe shared.farEnd.state.pointee.produce(into: room) else { break }
      unsafe frame.data = room.baseAddress
      unsafe shared.incoming.fill(position, frame)
      position &+= 1
    }
    return position != start
  }

  // MARK: The workload's thread

  @unsafe private static func describe(_ near: UnsafeMutablePointer<Near>) -> nm_net_device {
    var device = unsafe nm_net_device()
    unsafe device.context = UnsafeMutableRawPointer(near)
    unsafe device.features = NM_NET_CHECKSUM | NM_NET_SEGMENTATION | NM_NET_LARGE_RECEIVE
    unsafe device.maximum = NM_NET_LARGE_FRAME
    unsafe device.queue_depth = UInt32(FrameRing.count)
    unsafe device.address = (0x02, 0x4e, 0x4d, 0, 0, 2)
    unsafe device.send = { context, frame in
      unsafe RingWire.send(context!.assumingMemoryBound(to: Near.self), frame!.pointee)
    }
    unsafe device.kick = { _ in }
    unsafe device.sent = { context, tags, limit, wait in
      unsafe RingWire.sent(context!.assumingMemoryBound(to: Near.self), tags!, limit, wait != 0)
    }
    unsafe device.receive = { context, frames, limit, wait in
      unsafe RingWire.receive(context!.assumingMemoryBound(to: Near.self), frames!, limit, wait != 0)
    }
    unsafe device.release = { context, _, count in
      let near = unsafe context!.assumingMemoryBound(to: Near.self)
      unsafe near.pointee.released &+= UInt64(count)
      unsafe near.pointee.shared._withUnsafeGuaranteedRef { $0.incoming.emptied = unsafe near.pointee.released }
    }
    return unsafe device
  }

  @unsafe private static func send(_ near: UnsafeMutablePointer<Near>, _ frame: nm_net_frame) -> Int32 {
    let position = unsafe near.pointee.sent
    guard unsafe position &- near.pointee.returned < FrameRing.count else { return -EAGAIN }
    unsafe near.pointee.tags[Int(position % FrameRing.count)] = unsafe frame.tag
    unsafe near.pointee.shared._withUnsafeGuaranteedRef { unsafe $0.outgoing.fill(position, frame) }
    unsafe near.pointee.sent = position &+ 1
    return 0
  }

  @unsafe private static func sent(
    _ near: UnsafeMutablePointer<Near>, _ tags: UnsafeMutablePointer<UInt16>, _ limit: UInt32, _ waits: Bool
  ) -> UInt32 {
    let first = unsafe near.pointee.returned
    var ready = unsafe near.pointee.shared._withUnsafeGuaranteedRef { $0.outgoing.emptied }
    if ready == first, waits {
      let begin = MonotonicClock.now
      while ready == first, MonotonicClock.now &- begin < patience * 1_000_000_000 {
        ready = unsafe near.pointee.shared._withUnsafeGuaranteedRef { $0.outgoing.emptied }
      }
    }
    let count = min(UInt64(limit), ready &- first)
    for index in 0..<count {
      unsafe tags[Int(index)] = unsafe near.pointee.tags[Int((first &+ index) % FrameRing.count)]
    }
    unsafe near.pointee.returned = first &+ count
    return UInt32(count)
  }

  @unsafe private static func receive(
    _ near: UnsafeMutablePointer<Near>, _ frames: UnsafeMutablePointer<nm_net_frame>, _ limit: UInt32, _ waits: Bool
  ) -> UInt32 {
    var count: UInt32 = 0
    let begin = waits ? MonotonicClock.now : 0
    repeat {
      while count < limit,
        let frame = unsafe near.pointee.shared._withUnsafeGuaranteedRef({
          unsafe $0.incoming.take(near.pointee.received)
        })
      {
        unsafe frames[Int(count)] = unsafe frame
        unsafe near.pointee.received &+= 1
        count &+= 1
      }
    } while count == 0 && waits && MonotonicClock.now &- begin < patience * 1_000_000_000
    return count
  }
}
