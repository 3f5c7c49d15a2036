/// The requests that are in flight in a ring, by number, in memory allocated once.
@safe struct RequestSlots: ~Copyable, @unchecked Sendable {
  // @unchecked: the memory is owned by this value alone, which moves between threads only as a whole.

  /// Most requests at a time.
  static let count = 1024

  private struct Slot {
    var request: StorageRequest
    var isTaken: Bool
    var nextFree: Int32
  }

  private let slots: UnsafeMutablePointer<Slot>
  private let firstFree: UnsafeMutablePointer<Int32>

  init() {
    unsafe slots = .allocate(capacity: Self.count)
    unsafe firstFree = .allocate(capacity: 1)
    unsafe firstFree.initialize(to: 0)
    let nothing = unsafe StorageRequest(.flush, token: 0, offset: 0, count: 0, buffer: nil)
    for index in 0..<Self.count {
      let next = index + 1 < Self.count ? Int32(index + 1) : -1
      unsafe (slots + index).initialize(to: Slot(request: nothing, isTaken: false, nextFree: next))
    }
  }

  deinit {
    unsafe slots.deallocate()
    unsafe firstFree.deallocate()
  }

  /// Keeps a request and returns its number.
  borrowing func take(_ request: StorageRequest) -> Int {
    let index = unsafe Int(firstFree.pointee)
    precondition(index >= 0, "more requests in flight than the engine's maximum")
    unsafe firstFree.pointee = slots[index].nextFree
    unsafe slots[index].request = request
    unsafe slots[index].isTaken = true
    return index
  }

  /// Returns the request with a number, which becomes free.
  borrowing func give(back index: Int) -> StorageRequest {
    precondition(index >= 0 && index < Self.count, "a number that no request has")
    precondition(unsafe slots[index].isTaken, "a number that no request has")
    unsafe slots[index].isTaken = false
    unsafe slots[index].nextFree = firstFree.pointee
    unsafe firstFree.pointee = Int32(index)
    return unsafe slots[index].request
  }

  /// Returns any request in flight, whose number becomes free; nil where there is none.
  borrowing func giveBackAny() -> StorageRequest? {
    for index in 0..<Self.count where unsafe slots[index].isTaken { return give(back: index) }
    return nil
  }
}
