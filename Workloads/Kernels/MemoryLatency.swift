/// `memory.latency`: loads that each need the one before for their address. Every 64-byte line of the working set holds
/// the address of the next line of one random cycle through all lines, and its own place in that cycle. One operation
/// is one load. A batch goes on where the last one ended, so that the whole working set stays in play; its checksum is
/// of the distance travelled along the cycle, which is the same for every batch of the same size.
/// Sound as `@safe` because the addresses are only ever those of the lines.
@safe struct MemoryLatency: BatchWorkload {
  private let seed: UInt64
  private let lines: UInt64
  private var current: UnsafePointer<UInt>

  static var lineSize: UInt64 { 64 }

  /// Bytes of memory needed besides the working set to draw the cycle.
  static func drawingSize(lines: UInt64) -> UInt64 { lines * 4 }

  /// Draws the cycle.
  /// - Parameters:
  ///   - memory: a multiple of 64 bytes, at least two lines and at most 2^32.
  ///   - drawing: `drawingSize` bytes, only used here.
  init(seed: UInt64, memory: Region, drawing: Region) {
    self.seed = seed
    lines = memory.count / MemoryLatency.lineSize
    let order = unsafe drawing.pointer(to: UInt32.self)
    let base = unsafe memory.pointer(to: UInt.self)
    var random = SplitMix(seed: seed)
    // The inside-out shuffle: all orders are equally likely, and so are all cycles.
    for index in 0..<Int(lines) {
      let other = Int(random.next(below: UInt64(index) + 1))
      unsafe order[index] = unsafe order[other]
      unsafe order[other] = UInt32(index)
    }
    for place in 0..<Int(lines) {
      let following = place + 1 == Int(lines) ? 0 : place + 1
      let line = unsafe base + Int(order[place]) * 8
      unsafe line[0] = unsafe UInt(bitPattern: base + Int(order[following]) * 8)
      unsafe line[1] = UInt(place)
    }
    unsafe current = unsafe UnsafePointer(base + Int(order[0]) * 8)
  }

  var smallestBatch: UInt64 { 512 }

  mutating func run(_ operations: UInt64) -> UInt64 {
    let start = unsafe UInt64(current[1])
    var line = unsafe current
    var remaining = operations
    while remaining > 0 {
      unsafe line = unsafe UnsafePointer(bitPattern: line[0]).unsafelyUnwrapped
      remaining &-= 1
    }
    unsafe current = unsafe line
    let end = unsafe UInt64(line[1])
    let distance = end >= start ? end &- start : end &+ lines &- start
    return MemoryLatency.checksum(seed: seed, distance: distance)
  }

  /// The checksum of a batch that travelled `distance` lines, counted modulo the number of lines.
  static func checksum(seed: UInt64, distance: UInt64) -> UInt64 { splitmix64(splitmix64(seed) &+ distance) }
}
