import ProbeABI

/// Requests in flight on a block device: submits them with their pattern, takes their completions, verifies what was
/// read. Everything it needs per request is preallocated; nothing is allocated or copied on the way.
/// Sound as `@safe` because tags from the device are checked before they index anything; whoever makes one vouches for
/// the device and hands over the memory.
@safe struct BlockQueue: ~Copyable {
  /// A request that is in flight, or free.
  private struct Slot: BitwiseCopyable {
    var start: UInt64
    var offset: UInt64
    var sample: UInt32
    var operation: UInt16
    var isBusy: Bool
  }

  /// How much of what was read is looked at.
  /// (The raw type keeps the compiler from emitting a hash function, whose seed would need a source of random numbers.)
  enum Check: UInt8 {
    /// Words 0 and 63 of the sampled sector.
    case sample
    /// Every word.
    case everything
  }

  /// What a queue works in.
  struct Memory {
    /// `stateMemory` bytes.
    var state: Region
    /// Two bytes for each of `BlockParameters.largestDepth` tags.
    var freeTags: Region
    /// `bufferMemory` bytes, page-aligned.
    var buffers: Region
  }

  private let environment: UnsafePointer<nm_environment>
  private let device: UnsafePointer<nm_block_device>
  /// For the tags that an open loop has free.
  let freeTags: UnsafeMutablePointer<UInt16>
  private let slots: UnsafeMutablePointer<Slot>
  private let requests: UnsafeMutablePointer<nm_block_request>
  private let completions: UnsafeMutablePointer<nm_block_completion>
  private let readBuffers: UInt64
  private let writeBuffers: UInt64
  private let stride: UInt64
  let parameters: BlockParameters
  private let jobSeed: UInt64
  private let generation: UInt64
  private let deadline: UInt64
  private var lastProgress: UInt64 = 0
  /// Completions that the last `reap` stored, and how many of them were taken.
  private var reaped = 0
  private var taken = 0

  /// Requests that were taken by the device and not yet given back.
  private(set) var inFlight: UInt64 = 0
  /// Of requests that completed.
  struct Counts: BitwiseCopyable {
    /// Bytes of reads and writes.
    var bytes: UInt64 = 0
    /// Sum of word 0 of the sampled sectors.
    var checksum: UInt64 = 0
  }
  /// What counts so far; warm-ups are taken out again.
  var counts = Counts()
  /// TSC right after the last `reap` came back.
  private(set) var now: UInt64 = 0

  /// Bytes that the state of the requests in flight takes.
  static var stateMemory: UInt64 { 128 << 10 }

  /// Bytes of buffers that a queue needs: two sets where there are both reads and writes.
  static func bufferMemory(_ parameters: BlockParameters, _ kind: BlockPlan.Kind) -> UInt64 {
    (parameters.blockSize + 4095) / 4096 * 4096 * parameters.depth * (kind == .mixed ? 2 : 1)
  }

  /// - Parameter device: outlives the queue.
  @unsafe init(
    environment: UnsafePointer<nm_environment>, device: UnsafePointer<nm_block_device>, parameters: BlockParameters,
    kind: BlockPlan.Kind, job: borrowing Job, tscKilohertz: UInt64, memory: Memory
  ) {
    let buffers = memory.buffers
    unsafe self.environment = unsafe environment
    unsafe self.device = unsafe device
    self.parameters = parameters
    jobSeed = job.seed
    generation = UInt64(job.number) + 1
    deadline = parameters.deadlineMilliseconds &* tscKilohertz
    stride = (parameters.blockSize + 4095) / 4096 * 4096
    readBuffers = buffers.address
    writeBuffers = buffers.address + (kind == .mixed ? stride * parameters.depth : 0)
    unsafe freeTags = memory.freeTags.pointer(to: UInt16.self)
    var state = memory.state
    let count = BlockParameters.largestDepth
    func array<Element: BitwiseCopyable>(_ type: Element.Type) -> UnsafeMutablePointer<Element> {
      let region = state.carve(count * UInt64(MemoryLayout<Element>.stride))
      return unsafe (region ?? Region(address: 0, count: 0)).pointer(to: type)
    }
    unsafe slots = unsafe array(Slot.self)
    unsafe requests = unsafe array(nm_block_request.self)
    unsafe completions = unsafe array(nm_block_completion.self)
    for tag in 0..<Int(parameters.depth) {
      unsafe slots[tag] = Slot(start: 0, offset: 0, sample: 0, operation: 0, isBusy: false)
    }
    fillBuffers(buffers)
  }

  /// Gives every buffer the words that all written sectors share. A read that leaves them there is noticed.
  private func fillBuffers(_ buffers: Region) {
    let words = unsafe buffers.pointer(to: UInt64.self)
    for index in 0..<Int(buffers.count / 8) {
      unsafe words[index] = DiskPattern.word(
        UInt64(index) % DiskPattern.words, sector: UInt64.max, seed: jobSeed, generation: generation)
    }
  }

  /// Submits a step of a plan under a free tag. Its latency counts from `start`, or from now.
  mutating func submit(_ step: BlockPlan.Step, tag: Int, start: UInt64? = nil) throws(BlockFailure) {
    let buffer = (step.isWrite ? writeBuffers : readBuffers) &+ UInt64(tag) &* stride
    if step.isWrite { stamp(buffer, offset: step.offset) }
    try submit(
      step.isWrite ? NM_BLOCK_WRITE : NM_BLOCK_READ, offset: step.offset, sample: step.sample, buffer: buffer,
      length: parameters.blockSize, tag: tag, start: start)
  }

  /// Submits a flush under a free tag.
  mutating func submitFlush(tag: Int) throws(BlockFailure) {
    try submit(NM_BLOCK_FLUSH, offset: 0, sample: 0, buffer: readBuffers, length: 0, tag: tag, start: nil)
  }

  @inline(__always)
  private mutating func submit(
    _ operation: nm_block_operation, offset: UInt64, sample: UInt64, buffer: UInt64, length: UInt64, tag: Int,
    start: UInt64?
  ) throws(BlockFailure) {
    unsafe requests[tag] = nm_block_request(
      offset: offset, buffer: UnsafeMutableRawPointer(bitPattern: UInt(buffer)), length: UInt32(length),
      operation: UInt16(truncatingIfNeeded: operation.rawValue), tag: UInt16(truncatingIfNeeded: tag))
    let begin = nm_tsc()
    unsafe slots[tag] = Slot(
      start: start ?? begin, offset: offset, sample: UInt32(truncatingIfNeeded: sample),
      operation: UInt16(truncatingIfNeeded: operation.rawValue), isBusy: true)
    if inFlight == 0 { lastProgress = begin }
    if parameters.delay > 0 { spin(parameters.delay) }
    for _ in 0..<parameters.extraExits {
      unsafe environment.pointee.marker(environment.pointee.context, NM_MARKER_NONE)
    }
    let status = unsafe device.pointee.submit(device.pointee.context, requests + tag)
    guard status == 0 else {
      unsafe slots[tag].isBusy = false
      throw .refused(offset: offset, status: status)
    }
    inFlight &+= 1
  }

  /// Makes the requests submitted since the last time visible to the device.
  func kick() { unsafe device.pointee.kick(device.pointee.context) }

  /// Takes completions; `take` must be called for each.
  /// - Parameter mayWait: whether nothing else is to be done until one is there.
  /// - Returns: their number, which may be 0.
  mutating func reap(mayWait: Bool = true) throws(BlockFailure) -> Int {
    let count = unsafe device.pointee.reap(
      device.pointee.context, completions, UInt32(truncatingIfNeeded: parameters.depth),
      parameters.waits && mayWait ? 1 : 0)
    now = nm_tsc()
    reaped = 0
    taken = 0
    if count > 0 {
      guard count <= parameters.depth else { throw .tooMany(count) }
      reaped = Int(count)
      lastProgress = now
    } else if now &- lastProgress > deadline, inFlight > 0 {
      throw .silence(milliseconds: parameters.deadlineMilliseconds)
    }
    return Int(count)
  }

  /// Takes completion `index` of the last `reap` and verifies what it brought.
  /// - Returns: the tag, free again, and the ticks from its start to `now`.
  mutating func take(_ index: Int, _ check: Check) throws(BlockFailure) -> (tag: Int, ticks: UInt64) {
    let completion = unsafe completions[index]
    taken = index &+ 1
    let tag = Int(completion.tag)
    guard tag < Int(parameters.depth), unsafe slots[tag].isBusy else { throw .stray(tag: completion.tag) }
    let slot = unsafe slots[tag]
    unsafe slots[tag].isBusy = false
    inFlight &-= 1
    guard completion.status == 0 else {
      throw .request(offset: slot.offset, operation: slot.operation, status: completion.status)
    }
    if slot.operation != UInt16(NM_BLOCK_FLUSH.rawValue) {
      let isWrite = slot.operation == UInt16(NM_BLOCK_WRITE.rawValue)
      let buffer = (isWrite ? writeBuffers : readBuffers) &+ UInt64(tag) &* stride
      counts.bytes &+= parameters.blockSize
      guard parameters.verifies else { return (tag, now &- slot.start) }
      counts.checksum &+= word(buffer, UInt64(slot.sample) &* DiskPattern.words)
      if !isWrite {
        switch check {
        case .sample: try verifySample(buffer, slot)
        case .everything: try verifyEverything(buffer, slot.offset)
        }
      }
    }
    return (tag, now &- slot.start)
  }

  /// Takes back what is in flight, whatever became of it.
  /// - Returns: false when the device keeps some of it beyond its deadline.
  mutating func drain() -> Bool {
    if inFlight > 0 { kick() }
    lastProgress = nm_tsc()
    takeRest()
    while inFlight > 0 {
      do throws(BlockFailure) { _ = try reap() } catch { return false }
      takeRest()
    }
    return true
  }

  /// Takes what the last `reap` brought and a failure left untaken.
  private mutating func takeRest() {
    while taken < reaped {
      do throws(BlockFailure) { _ = try take(taken, .sample) } catch { continue }
    }
  }

  /// Reads back a block that this job wrote and looks at every word. Nothing may be in flight.
  mutating func readBack(_ offset: UInt64) throws(BlockFailure) {
    let words = parameters.blockSize / 8
    for index in 0..<words { unsafe pointer(readBuffers)[Int(index)] = 0 }
    try submit(
      NM_BLOCK_READ, offset: offset, sample: 0, buffer: readBuffers, length: parameters.blockSize, tag: 0, start: nil)
    kick()
    var count = 0
    while count == 0 { count = try reap() }
    let completion = unsafe completions[0]
    guard count == 1, completion.tag == 0, unsafe slots[0].isBusy else { throw .stray(tag: completion.tag) }
    unsafe slots[0].isBusy = false
    inFlight &-= 1
    guard completion.status == 0 else { throw .request(offset: offset, operation: 0, status: completion.status) }
    for index in 0..<words {
      let sector = offset / DiskPattern.sectorSize + index / DiskPattern.words
      let expected = DiskPattern.writtenWord(
        index % DiskPattern.words, sector: sector, seed: jobSeed, generation: generation)
      let found = word(readBuffers, index)
      guard found == expected else {
        throw .wrongReadBack(offset: offset + index * 8, expected: expected, found: found)
      }
    }
  }

  /// Stamps words 0, 32 and 63 of every sector.
  @inline(__always)
  private func stamp(_ buffer: UInt64, offset: UInt64) {
    var words = unsafe pointer(buffer)
    var sector = offset &>> 9
    let end = sector &+ parameters.blockSize &>> 9
    while sector < end {
      unsafe words[0] = DiskPattern.word(0, sector: sector, seed: jobSeed, generation: generation)
      unsafe words[32] = DiskPattern.word(32, sector: sector, seed: jobSeed, generation: generation)
      unsafe words[63] = DiskPattern.word(63, sector: sector, seed: jobSeed, generation: generation)
      unsafe words += 64
      sector &+= 1
    }
  }

  @inline(__always)
  private func verifySample(_ buffer: UInt64, _ slot: Slot) throws(BlockFailure) {
    let first = UInt64(slot.sample) &* DiskPattern.words
    try verify(buffer, slot.offset, first)
    try verify(buffer, slot.offset, first &+ 63)
  }

  private func verifyEverything(_ buffer: UInt64, _ offset: UInt64) throws(BlockFailure) {
    for index in 0..<parameters.blockSize / 8 { try verify(buffer, offset, index) }
  }

  /// Compares word `index` of a block that was read with what the disk was prepared with.
  @inline(__always)
  private func verify(_ buffer: UInt64, _ offset: UInt64, _ index: UInt64) throws(BlockFailure) {
    let expected = DiskPattern.word(
      index & 63, sector: (offset &>> 9) &+ (index &>> 6), seed: parameters.diskSeed, generation: 0)
    let found = word(buffer, index)
    guard found == expected else { throw .wrongData(offset: offset &+ index &* 8, expected: expected, found: found) }
  }

  @unsafe @inline(__always)
  private func pointer(_ buffer: UInt64) -> UnsafeMutablePointer<UInt64> {
    unsafe Region(address: buffer, count: 0).pointer(to: UInt64.self)
  }

  /// Loads a word that a device may have written: the compiler takes nothing for granted.
  @inline(__always)
  private func word(_ buffer: UInt64, _ index: UInt64) -> UInt64 {
    unsafe nm_load64(UnsafeRawPointer(bitPattern: UInt(buffer &+ index &* 8)))
  }
}
