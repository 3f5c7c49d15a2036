import Storage

/// The requests of all queues that are in flight, by number; memory allocated once, the last number freed is used first.
@safe struct InFlightTable: ~Copyable {
  private let entries: UnsafeMutablePointer<InFlight>
  private let capacity: Int
  private var firstFree: Int32 = 0
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    unsafe entries = .allocate(capacity: capacity)
    for index in 0..<capacity {
      let next = index + 1 < capacity ? Int32(index + 1) : -1
      let unused = unsafe InFlight(
        status: UnsafeMutableRawPointer(entries), offset: 0, count: 0, pieces: 0, error: 0, written: 0, queue: 0, id: 0,
        elements: 0, operation: .flush, needsFlush: false, nextFree: next)
      unsafe (entries + index).initialize(to: unused)
    }
  }

  deinit {
    unsafe entries.deallocate()
  }

  var isFull: Bool { firstFree < 0 }

  /// Reserves a number; the table is not full.
  @inline(__always)
  mutating func take() -> Int {
    let index = Int(firstFree)
    precondition(index >= 0)
    unsafe firstFree = entries[index].nextFree
    count += 1
    return index
  }

  @inline(__always)
  mutating func free(_ index: Int) {
    unsafe entries[index].nextFree = firstFree
    firstFree = Int32(index)
    count -= 1
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
