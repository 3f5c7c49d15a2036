import Glibc
import GuestMemory
import LinuxSystem
import Synchronization

/// virtio-blk whose data path is another process's, a vhost-user back end: rings, doorbells, interrupts and data never pass through this
/// one, which has the registers and hands on what was negotiated. Interrupts need MSI-X.
public final class VhostUserBlock: VirtioDevice {
  private struct State {
    var failure: String?
    var firstFailure: String?
    var isPacked = false
    /// By queue, where a ring lies that is served; nil where none is.
    var served: [VirtqueueLayout?]
  }

  /// Nanoseconds that a back end has for all that a change of the device takes: two of them are less than a machine has to end.
  private static let patience: UInt64 = 2_000_000_000

  /// What is offered where the back end offers it: it says nothing of this process.
  private static let known: VirtioFeatures = [
    .version1, .indirectDescriptors, .eventIndex, .packedRing, .blockSegmentMaximum, .blockReadOnly, .blockSize,
    .blockFlush, .blockTopology, .blockMultipleQueues, .blockDiscard, .blockWriteZeroes,
  ]

  private let memory: GuestMemory
  private let backend: VhostUserBackend
  private let options: BlockOptions
  private let doorbells: [Doorbell]
  private let state: Mutex<State>
  public let offeredFeatures: VirtioFeatures

  private final class Doorbell: Sendable {
    let event: EventCounter
    init() throws(SystemError) { event = try EventCounter(nonBlocking: true) }
  }

  /// - Parameters:
  ///   - memory: what rings and buffers lie in, made to be shared.
  ///   - backend: which serves this device alone.
  ///   - options: queues, and what is offered of what the back end offers.
  /// - Throws: why the two do not go together.
  public init(
    memory: GuestMemory, backend: VhostUserBackend, options: BlockOptions = BlockOptions()
  ) throws(VhostUserFailure) {
    guard options.queues <= backend.queueLimit else {
      throw VhostUserFailure("the vhost-user back end has \(backend.queueLimit) queues, not \(options.queues)")
    }
    guard memory.file != nil else { throw VhostUserFailure("a vhost-user back end needs RAM that is shared") }
    do throws(SystemError) {
      var doorbells: [Doorbell] = []
      for _ in 0..<options.queues { doorbells.append(try Doorbell()) }
      self.doorbells = doorbells
    } catch { throw VhostUserFailure(error.description) }
    self.memory = memory
    self.backend = backend
    self.options = options
    var features = backend.features.intersection(Self.known)
    if options.queues == 1 { features.remove(.blockMultipleQueues) }
    if !options.offersPackedRing { features.remove(.packedRing) }
    if !options.offersEventIndex { features.remove(.eventIndex) }
    if !options.offersIndirectDescriptors { features.remove(.indirectDescriptors) }
    offeredFeatures = features
    state = Mutex(State(served: Array(repeating: nil, count: options.queues)))
  }

  public var deviceType: UInt16 { 2 }
  public var queueSizes: [UInt16] { [UInt16](repeating: options.queueSize, count: options.queues) }
  public var failure: String? { state.withLock { $0.failure } }
  /// The first failure of all, which a reset does not take back.
  public var firstFailure: String? { state.withLock { $0.firstFailure } }

  public func doorbell(queue: Int) -> Int32 { doorbells[queue].event.rawValue }

  public func readConfiguration(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    BlockConfiguration.read(backend.configuration, offset, width: width)
  }

  public func writeConfiguration(_ offset: UInt64, width: AccessWidth, value: UInt64) {}

  public func start(features: VirtioFeatures, queues: [VirtqueueLayout?], interrupts: any VirtioInterrupts) {
    let deadline = MonotonicClock.now + Self.patience
    do throws(VhostUserFailure) { try serve(features, queues, interrupts, deadline) } catch {
      stopAll(until: deadline)
      note(error)
      interrupts.configurationChanged()
    }
  }

  private func serve(
    _ features: VirtioFeatures, _ queues: [VirtqueueLayout?], _ interrupts: any VirtioInterrupts, _ deadline: UInt64
  ) throws(VhostUserFailure) {
    guard let file = memory.file else { throw VhostUserFailure("the guest's RAM is not shared") }
    let isPacked = features.contains(.packedRing)
    var rings: [VhostUserBackend.Ring] = []
    for (index, layout) in queues.enumerated() {
      guard let layout else { continue }
      guard let call = interrupts.event(for: index) else {
        throw VhostUserFailure("a vhost-user back end interrupts by MSI-X, and the driver does not use it")
      }
      let addresses: VhostUserMessage.RingAddresses
      do throws(VirtqueueFailure) { addresses = try self.addresses(layout, features) } catch {
        throw VhostUserFailure(error.description)
      }
      rings.append(
        VhostUserBackend.Ring(
          index: index, size: layout.size, isPacked: isPacked, addresses: addresses, kick: doorbell(queue: index),
          call: call))
    }
    try backend.begin(features, regions, in: file, until: deadline)
    state.withLock { $0.isPacked = isPacked }
    for ring in rings {
      state.withLock { $0.served[ring.index] = queues[ring.index] }
      try backend.start(ring, until: deadline)
    }
  }

  private var regions: [VhostUserMessage.Region] {
    let regions = memory.regions
    return regions.map {
      VhostUserMessage.Region(
        guest: $0.start.rawValue, count: $0.count, address: UInt64($0.host), offset: UInt64($0.host - regions[0].host))
    }
  }

  /// Where the areas of a ring lie, which are checked as those of a ring that this process serves.
  private func addresses(
    _ layout: VirtqueueLayout, _ features: VirtioFeatures
  ) throws(VirtqueueFailure) -> VhostUserMessage.RingAddresses {
    if features.contains(.packedRing) {
      _ = try PackedQueue(layout, features: features, window: memory.window)
    } else {
      _ = try SplitAreas(layout, in: memory.window)
    }
    func address(_ area: GuestAddress) -> UInt64 {
      guard let bytes = unsafe memory.host(area, count: 1) else { return 0 }
      return UInt64(UInt(bitPattern: bytes.baseAddress))
    }
    return VhostUserMessage.RingAddresses(
      descriptors: address(layout.descriptorArea), driver: address(layout.driverArea),
      device: address(layout.deviceArea))
  }

  // MARK: the end of a ring

  public func stop(queue: Int) { stop(queue, until: MonotonicClock.now + Self.patience) }

  public func reset() { reset(until: MonotonicClock.now + Self.patience) }

  /// The same with a deadline of the caller's, on `MonotonicClock`.
  public func reset(until deadline: UInt64) {
    state.withLock { $0.failure = nil }
    stopAll(until: min(deadline, MonotonicClock.now + Self.patience))
  }

  private func stopAll(until deadline: UInt64) {
    for queue in 0..<options.queues { stop(queue, until: deadline) }
  }

  private func stop(_ queue: Int, until deadline: UInt64) {
    let taken = state.withLock { state -> (layout: VirtqueueLayout, isPacked: Bool)? in
      guard state.served.indices.contains(queue), let layout = state.served[queue] else { return nil }
      state.served[queue] = nil
      return (layout, state.isPacked)
    }
    guard let taken else { return }
    do throws(VhostUserFailure) {
      let base = try backend.stop(queue, until: deadline)
      try awaitTheLast(taken.layout, taken.isPacked, base, until: deadline)
    } catch { note(error) }
  }

  /// A back end may have requests on their way to its disk when it answers that a ring stopped: what it took and did not give back yet.
  /// They may write to the guest's memory until they are given back.
  private func awaitTheLast(
    _ layout: VirtqueueLayout, _ isPacked: Bool, _ base: UInt32, until deadline: UInt64
  ) throws(VhostUserFailure) {
    while true {
      if isPacked {
        if base & 0xffff == base >> 16 { return }
      } else {
        let index = layout.deviceArea.advanced(by: 2).flatMap { try? memory.load($0, as: UInt16.self) }
        guard let index, index != UInt16(truncatingIfNeeded: base) else { return }
      }
      guard !isPacked, MonotonicClock.now < deadline else {
        throw VhostUserFailure("the vhost-user back end stopped a ring and kept requests of it")
      }
      usleep(50)
    }
  }

  private func note(_ failure: VhostUserFailure) {
    state.withLock { state in
      state.failure = failure.reason
      if state.firstFailure == nil { state.firstFailure = failure.reason }
    }
  }
}
