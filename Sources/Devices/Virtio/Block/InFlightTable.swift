import Storage

/// A request between its buffers' arrival and its status byte.
struct InFlight {
  var reply: BlockReply
  var extent: BlockExtent
  /// Transfers that have not completed.
  var pieces: UInt32 = 0
  /// The first errno among them.
  var error: Int32 = 0
  /// Still to be flushed before it counts as done.
  var needsFlush = false
  fileprivate var nextFree: Int32 = -1

  @inline(__always)
  init(_ extent: BlockExtent, _ reply: BlockReply) {
    self.reply = reply
    self.extent = extent
  }
}

/// The requests of all queues that are in flight, by number; memory allocated once, the last number freed is used first.
@safe struct InFlightTable: ~Copyable {
  private let entries: UnsafeMutablePointer<InFlight>
  private let capacity: Int
  private var firstFree: Int32 = 0
  /// Bytes of all requests in it.
  private(set) var bytes: UInt64 = 0

  init(capacity: Int) {
    self.capacity = capacity
    unsafe entries = .allocate(capacity: capacity)
    let nothing = BlockExtent(operation: .flush, offset: 0, count: 0)
    for index in 0..<capacity {
      var unused = unsafe InFlight(nothing, BlockReply(unused: UnsafeMutableRawPointer(entries)))
      unused.nextFree = index + 1 < capacity ? Int32(index + 1) : -1
      unsafe (entries + index).initialize(to: unused)
    }
  }

  deinit {
    unsafe entries.deallocate()
  }

  var isFull: Bool { firstFree < 0 }

  /// The number that the next request gets; the table is not full.
  @inline(__always)
  var next: Int { Int(firstFree) }

  /// Enters a request and returns its number; the table is not full.
  @inline(__always)
  mutating func take(_ request: InFlight) -> Int {
    let index = Int(firstFree)
    precondition(index >= 0)
    unsafe firstFree = entries[index].nextFree
    unsafe entries[index] = request
    bytes &+= request.extent.count
    return index
  }

  @inline(__always)
  mutating func free(_ index: Int) {
    bytes &-= self[index].extent.count
    unsafe entries[index].nextFree = firstFree
    firstFree = Int32(index)
  }

  subscript(index: Int) -> InFlight {
    @inline(__always) unsafeAddress {
      precondition(index >= 0 && index < capacity)
      return unsafe UnsafePointer(entries + index)
    }
    @inline(__always) unsafeMutableAddress {
      precondition(index >= 0 && index < capacity)
      return unsafe entries + index
    }
  }
}
