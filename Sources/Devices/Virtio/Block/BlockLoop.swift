import CLinux
import GuestMemory
import LinuxSystem
import Storage
import SystemPackage

/// The data path of virtio-blk: takes requests off the rings, gives them to an engine, gives them back. The thread that runs it
/// owns everything here; nothing in the loop allocates, counts references or asks a protocol.
///
/// It is generic so that the compiler makes one copy for each kind of ring and each engine.
@safe struct BlockLoop<Queue: DeviceQueue & ~Copyable, Engine: StorageEngine & ~Copyable>: ~Copyable {
  /// Completions that are published together at most: enough to spare cache lines, too few to keep a driver waiting.
  private static var publishLimit: Int { 4 }
  /// Requests taken off one ring before the next ring's turn, and bytes that they may move together, unless it is one request.
  private static var turn: Int { 64 }
  private static var turnBytes: UInt64 { 64 << 20 }
  /// Most bytes of one transfer: longer ones go to the engine in pieces, so that whoever ends the machine waits for no more.
  static var pieceBytes: UInt64 { 64 << 20 }

  private let handover: QueueHandover
  let errors: BlockErrorLog
  let counters: DeviceCounters<BlockCounter>.Writer
  let disk: BlockDisk
  let bounce: BlockBounce
  let writesThrough: Bool
  var queues: ServedQueues<Queue>
  var chain: DescriptorChain
  var table: InFlightTable
  private let completions: UnsafeMutableBufferPointer<StorageCompletion>
  /// Transfers that the engine has, and the most that it takes.
  var transfers = 0
  let transferLimit: Int
  private var unpublished = 0
  /// What is counted of the engine's calls and copies.
  private var counted = EngineCounts()
  /// Bytes that the requests of a turn move.
  var moved: UInt64 = 0
  /// The handover's version that is served.
  private var version: UInt32 = 0

  init(
    _ device: VirtioBlock, _ queues: consuming ServedQueues<Queue>, features: VirtioFeatures, limit: Int,
    bounce: BlockBounce
  ) {
    handover = device.handover
    errors = device.errors
    counters = device.counters.writer
    disk = device.disk
    self.bounce = bounce
    writesThrough = !features.contains(.blockFlush)
    chain = DescriptorChain(capacity: queues.longest)
    table = InFlightTable(capacity: queues.totalSize)
    transferLimit = limit
    unsafe completions = .allocate(capacity: 64)
    self.queues = queues
  }

  deinit {
    unsafe completions.deallocate()
  }

  /// Serves until the session ends or the thread is to stop; nothing is in flight on return.
  /// - Throws: `VirtqueueFailure` where a driver broke a ring; nothing is in flight then, either.
  mutating func run(
    _ engine: inout Engine, _ session: QueueHandover.Session, _ service: borrowing ServiceThread
  ) throws(VirtqueueFailure) {
    version = session.version
    counted = engine.counts
    var idle = IdleWatch(service.mode)
    let isPolling = service.mode != .notified
    queues.disableDoorbells()
    do throws(VirtqueueFailure) {
      while true {
        if handover.current != version {
          drain(&engine)
          let now = handover.acknowledge()
          if handover.isStopped || now.state.session != session.state.session || now.state.failure != nil { return }
          queues.adopt(now.state)
          version = now.version
        }
        var isBusy = false
        // Whether the next look will find something as far as is known.
        var isLeft = false
        for index in 0..<queues.count where queues.isEnabled(index) {
          switch try serve(index, &engine) {
          case .nothing: break
          case .everything: isBusy = true
          case .part: (isBusy, isLeft) = (true, true)
          }
        }
        if transfers > 0 {
          engine.kick()
          if reap(&engine, wait: false) { isBusy = true }
        }
        if isBusy {
          count(engine)
          idle.rouse()
          // One that sleeps does not look once more in vain: asking for doorbells is a look.
          if isPolling || isLeft || transfers > 0 { continue }
        }
        idleOnce(&idle, service, &engine)
      }
    } catch {
      drain(&engine)
      throw error
    }
  }

  /// Counts what the engine did since it was last looked at.
  @inline(__always)
  private mutating func count(_ engine: borrowing Engine) {
    let now = engine.counts
    if now.calls != counted.calls { counters.add(.calls, now.calls &- counted.calls) }
    if now.copies != counted.copies { counters.add(.copies, now.copies &- counted.copies) }
    counted = now
  }

  /// What a turn took of a ring: nothing, as there was nothing; what there was; or part of that.
  private enum Taken {
    case nothing, everything, part
  }

  /// Takes one turn at a ring.
  @inline(__always)
  private mutating func serve(_ index: Int, _ engine: inout Engine) throws(VirtqueueFailure) -> Taken {
    var taken = 0
    var isEmpty = false
    moved = 0
    while taken < Self.turn && moved < Self.turnBytes && table.bytes < VirtioBlock.mostBytesInFlight && !table.isFull
      && transfers < transferLimit && handover.current == version
    {
      guard try queues.pop(index, &chain) else {
        isEmpty = true
        break
      }
      taken += 1
      try handle(index, &engine)
      // At once: a disk that gets its requests one by one works on the first while the others are still on their way.
      engine.kick()
      if unpublished >= Self.publishLimit { publish() }
    }
    if unpublished > 0 { publish() }
    if taken == 0 { return .nothing }
    return isEmpty ? .everything : .part
  }

  @inline(__always)
  private mutating func publish() {
    unpublished = 0
    counters.add(.interrupts, queues.publish())
  }

  /// Gives a request's buffer back to its driver with a status.
  /// - Parameter written: bytes of data that the driver finds in it.
  @inline(__always)
  mutating func respond(_ reply: BlockReply, _ status: UInt8, written: UInt32) {
    unsafe nm_shared_store8(reply.status, status)
    queues.push(Int(reply.queue), id: reply.id, elements: reply.elements, written: written &+ 1)
    unpublished += 1
  }

  /// Takes what the engine has finished. Returns whether there was anything.
  @inline(__always)
  mutating func reap(_ engine: inout Engine, wait: Bool) -> Bool {
    let count = unsafe engine.reap(into: completions, wait: wait)
    if count == 0 { return false }
    transfers -= count
    for index in 0..<count {
      let completion = unsafe completions[index]
      completeTransfer(Int(completion.token), completion.error, &engine)
    }
    publish()
    return true
  }

  /// Whether the thread is to stop.
  var isStopped: Bool { handover.isStopped }

  /// Lets everything in flight finish. Does not return before: what is in flight may still write to the guest's memory.
  @inline(never)
  private mutating func drain(_ engine: inout Engine) {
    while transfers > 0 {
      engine.kick()
      _ = reap(&engine, wait: true)
    }
    publish()
  }

  /// Passes the time when there is nothing to do. A request in flight keeps a polling thread looking.
  @inline(never)
  private mutating func idleOnce(
    _ idle: inout IdleWatch, _ service: borrowing ServiceThread, _ engine: inout Engine
  ) {
    let isPolling = service.mode != .notified
    if transfers > 0 && isPolling { return nm_relax() }
    let isParked = handover.isParked
    if isParked { engine.rest() } else if idle.pause() { return }
    if isPolling { counters.add(.sleeps) }
    idle.rouse()
    if !queues.enableDoorbells() {
      idle.sleep(service.waiter, isParked: isParked)
      counters.add(.wakeups)
    }
    queues.disableDoorbells()
  }
}
