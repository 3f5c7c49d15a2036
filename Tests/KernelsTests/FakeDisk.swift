import ProbeABI

@testable import Kernels

/// A disk in memory behind the workloads' block interface, prepared with the pattern, which can be made to misbehave.
/// Sound as `@safe` because a request's place is checked before it is touched, and its buffer is the workload's.
@safe final class FakeDisk {
  /// What goes wrong.
  enum Fault: Equatable {
    case none
    /// The given byte of every read from the `after`-th on is flipped.
    case flippedByte(Int, after: Int)
    /// Reads return the data of the next block.
    case wrongPlace
    /// Reads complete without data.
    case staleRead
    /// Writes complete without reaching the disk.
    case lostWrites
    /// Only the first half of each write's sectors arrives.
    case tornSectors
    /// Writes go one sector too far.
    case shiftedWrites
    /// The given number of requests complete, then no more ever.
    case silentAfter(Int)
    /// Completions carry a tag that is not in flight.
    case strayTags
    /// Each completion comes twice.
    case repeatedCompletions
    /// Requests of this operation complete with this status.
    case status(Int32, operation: nm_block_operation)
    /// `submit` returns this.
    case refusal(Int32)
    /// `reap` claims more than it was given room for.
    case tooMany
    /// The newest request completes first.
    case reordered
    /// This many calls of `reap` find nothing between two completions.
    case delayed(Int)
  }

  let seed: UInt64
  let fault: Fault
  private let bytes: UnsafeMutableRawBufferPointer
  private let depth: UInt32
  private var taken = unsafe [nm_block_request]()
  private var visible = unsafe [nm_block_request]()
  private var completed = 0
  private var polls = 0
  private(set) var reads = 0
  private(set) var writes = 0
  private(set) var flushes = 0
  private(set) var deepest = 0
  private(set) var waits = 0

  init(mebibytes: Int = 1, depth: UInt32 = 64, seed: UInt64 = 99, fault: Fault = .none) {
    self.seed = seed
    self.fault = fault
    self.depth = depth
    unsafe bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: mebibytes << 20, alignment: 4096)
    unsafe DiskPattern.prepare(bytes, firstSector: 0, seed: seed)
  }

  deinit { unsafe bytes.deallocate() }

  var capacity: UInt64 { UInt64(unsafe bytes.count) }

  var device: nm_block_device {
    var device = unsafe nm_block_device()
    unsafe device.context = Unmanaged.passUnretained(self).toOpaque()
    unsafe device.capacity = capacity
    unsafe device.maximum = 1 << 20
    unsafe device.queue_depth = depth
    unsafe device.submit = { context, request in unsafe FakeDisk.of(context).submit(request!.pointee) }
    unsafe device.kick = { context in unsafe FakeDisk.of(context).kick() }
    unsafe device.reap = { context, completions, limit, wait in
      unsafe FakeDisk.of(context).reap(completions!, Int(limit), wait)
    }
    return unsafe device
  }

  @unsafe private static func of(_ context: UnsafeMutableRawPointer?) -> FakeDisk {
    unsafe Unmanaged<FakeDisk>.fromOpaque(context!).takeUnretainedValue()
  }

  @unsafe private func submit(_ request: nm_block_request) -> Int32 {
    if case .refusal(let status) = fault { return status }
    unsafe taken.append(request)
    deepest = max(deepest, unsafe taken.count + visible.count)
    return 0
  }

  private func kick() {
    unsafe visible += taken
    unsafe taken = []
  }

  @unsafe private func reap(
    _ completions: UnsafeMutablePointer<nm_block_completion>, _ limit: Int, _ wait: UInt32
  ) -> UInt32 {
    waits += wait == 0 ? 0 : 1
    polls += 1
    if case .delayed(let between) = fault, polls % (between + 1) != 0 { return 0 }
    if fault == .tooMany { return UInt32(limit) + 1 }
    var count = 0
    while count < limit, unsafe !visible.isEmpty {
      if case .silentAfter(let number) = fault, completed >= number { break }
      let request = unsafe fault == .reordered ? visible.removeLast() : visible.removeFirst()
      completed += 1
      let status = unsafe perform(request)
      let tag = unsafe fault == .strayTags ? request.tag ^ 0x8000 : request.tag
      unsafe completions[count] = nm_block_completion(tag: tag, reserved: 0, status: status)
      count += 1
      if fault == .repeatedCompletions, count < limit {
        unsafe completions[count] = completions[count - 1]
        count += 1
      }
    }
    return UInt32(count)
  }

  @unsafe private func perform(_ request: nm_block_request) -> Int32 {
    let (offset, length) = unsafe (Int(request.offset), Int(request.length))
    precondition(offset % 512 == 0 && length % 512 == 0 && offset + length <= Int(capacity))
    if case .status(let status, let operation) = fault, unsafe UInt32(request.operation) == operation.rawValue {
      return status
    }
    switch unsafe UInt32(request.operation) {
    case NM_BLOCK_READ.rawValue: unsafe read(request.buffer!, offset, length)
    case NM_BLOCK_WRITE.rawValue: unsafe write(request.buffer!, offset, length)
    default: flushes += 1
    }
    return 0
  }

  @unsafe private func read(_ buffer: UnsafeMutableRawPointer, _ offset: Int, _ length: Int) {
    reads += 1
    if fault == .staleRead { return }
    let from = fault == .wrongPlace ? (offset + length) % (Int(capacity) / 2) : offset
    unsafe buffer.copyMemory(from: bytes.baseAddress! + from, byteCount: length)
    if case .flippedByte(let place, let after) = fault, reads > after {
      let byte = unsafe buffer.load(fromByteOffset: place, as: UInt8.self)
      unsafe buffer.storeBytes(of: byte ^ 0x10, toByteOffset: place, as: UInt8.self)
    }
  }

  @unsafe private func write(_ buffer: UnsafeMutableRawPointer, _ offset: Int, _ length: Int) {
    writes += 1
    switch fault {
    case .lostWrites: return
    case .tornSectors:
      for sector in stride(from: 0, to: length, by: 512) {
        unsafe (bytes.baseAddress! + offset + sector).copyMemory(from: buffer + sector, byteCount: 256)
      }
    case .shiftedWrites:
      let moved = min(offset + 512, Int(capacity) - length)
      unsafe (bytes.baseAddress! + moved).copyMemory(from: buffer, byteCount: length)
    default: unsafe (bytes.baseAddress! + offset).copyMemory(from: buffer, byteCount: length)
    }
  }
}
