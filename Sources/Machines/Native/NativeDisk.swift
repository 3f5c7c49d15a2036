import LinuxSystem
import ProbeABI
import Storage

/// A storage engine as the native leg's block device: the calls that a guest's driver makes of a ring go straight to the
/// engine that the monitor's I/O thread uses.
///
/// One thread alone uses it. Nothing is allocated after the initialiser.
@safe final class NativeDisk {
  /// More requests than any workload keeps in flight.
  private static let depth = 1024

  /// What the C functions reach through the context pointer.
  @safe private struct State: ~Copyable {
    var backing: Backing
    /// Completions that `submit` returned and `reap` has not passed on yet, a ring.
    let ready: UnsafeMutablePointer<StorageCompletion>
    var first = 0
    var count = 0
    /// Where the engine stores what it reaps.
    let reaped: UnsafeMutableBufferPointer<StorageCompletion>
  }

  private let state: UnsafeMutablePointer<State>
  /// For `nm_environment.block`.
  let device: UnsafeMutablePointer<nm_block_device>

  init(_ backing: consuming Backing) {
    let capacity = backing.capacity
    let depth = min(Self.depth, backing.maximumInFlight)
    unsafe state = .allocate(capacity: 1)
    let ready = UnsafeMutablePointer<StorageCompletion>.allocate(capacity: Self.depth)
    let reaped = UnsafeMutableBufferPointer<StorageCompletion>.allocate(capacity: Self.depth)
    unsafe state.initialize(to: State(backing: backing, ready: ready, reaped: reaped))
    unsafe device = .allocate(capacity: 1)
    var device = unsafe nm_block_device()
    unsafe device.context = UnsafeMutableRawPointer(state)
    unsafe device.capacity = capacity
    unsafe device.maximum = 1 << 20
    unsafe device.queue_depth = UInt32(depth)
    unsafe device.submit = { context, request in
      unsafe NativeDisk.submit(context!.assumingMemoryBound(to: State.self), request!.pointee)
    }
    unsafe device.kick = { context in unsafe context!.assumingMemoryBound(to: State.self).pointee.backing.kick() }
    unsafe device.reap = { context, completions, limit, wait in
      unsafe NativeDisk.reap(context!.assumingMemoryBound(to: State.self), completions!, Int(limit), wait != 0)
    }
    unsafe self.device.initialize(to: device)
  }

  deinit {
    unsafe state.pointee.ready.deallocate()
    unsafe state.pointee.reaped.deallocate()
    unsafe state.deinitialize(count: 1)
    unsafe state.deallocate()
    unsafe device.deallocate()
  }

  private static func submit(_ state: UnsafeMutablePointer<State>, _ request: nm_block_request) -> Int32 {
    let operation: StorageOperation
    switch unsafe UInt32(request.operation) {
    case NM_BLOCK_READ.rawValue: operation = .read
    case NM_BLOCK_WRITE.rawValue: operation = .write
    default: operation = .flush
    }
    let storage = unsafe StorageRequest(
      operation, token: UInt64(request.tag), offset: request.offset, count: Int(request.length), buffer: request.buffer)
    guard let completion = unsafe state.pointee.backing.submit(storage) else { return 0 }
    // The workload keeps to the depth, so the ring has room.
    let place = unsafe (state.pointee.first &+ state.pointee.count) & (depth - 1)
    unsafe state.pointee.ready[place] = completion
    unsafe state.pointee.count &+= 1
    return 0
  }

  private static func reap(
    _ state: UnsafeMutablePointer<State>, _ completions: UnsafeMutablePointer<nm_block_completion>, _ limit: Int,
    _ wait: Bool
  ) -> UInt32 {
    var stored = 0
    while stored < limit, unsafe state.pointee.count > 0 {
      unsafe completions[stored] = convert(state.pointee.ready[state.pointee.first])
      unsafe state.pointee.first = unsafe (state.pointee.first &+ 1) & (depth - 1)
      unsafe state.pointee.count &-= 1
      stored += 1
    }
    if stored > 0 { return UInt32(stored) }
    let target = unsafe UnsafeMutableBufferPointer(rebasing: state.pointee.reaped[..<min(limit, depth)])
    let count = unsafe state.pointee.backing.reap(into: target, wait: wait)
    for index in 0..<count { unsafe completions[index] = convert(target[index]) }
    return UInt32(count)
  }

  @inline(__always)
  private static func convert(_ completion: StorageCompletion) -> nm_block_completion {
    nm_block_completion(tag: UInt16(truncatingIfNeeded: completion.token), reserved: 0, status: -completion.error)
  }
}
