import Storage

/// A sparse disk in memory that fails where it is told to, and remembers what was asked of it. One thread uses it.
final class DiskStore {
  let capacity: UInt64
  var isReadOnly = false
  /// An asynchronous engine hands completions over by `reap` only.
  var isAsynchronous = false
  /// Errno by first sector: a request that touches the sector fails.
  var badSectors: [UInt64: Int32] = [:]
  var flushError: Int32 = 0
  private(set) var sectors: [UInt64: [UInt8]] = [:]
  private(set) var requests: [(operation: StorageOperation, offset: UInt64, count: Int)] = []
  fileprivate var finished: [StorageCompletion] = []

  init(capacity: UInt64) { self.capacity = capacity }

  func forget() { requests = [] }

  /// A sector's bytes; what was never written is zero.
  subscript(sector: UInt64) -> [UInt8] {
    get { sectors[sector] ?? [UInt8](repeating: 0, count: 512) }
    set { sectors[sector] = newValue }
  }

  fileprivate func perform(_ request: StorageRequest) -> Int32 {
    if requests.count < 10_000 { requests.append((request.operation, request.offset, request.count)) }
    if request.operation == .flush { return flushError }
    guard request.offset % 512 == 0, request.count % 512 == 0, request.offset <= capacity,
      UInt64(request.count) <= capacity - request.offset
    else { return 22 }
    if request.operation == .write, isReadOnly { return 30 }
    let first = request.offset / 512
    for index in 0..<UInt64(request.count / 512) {
      if let code = badSectors[first + index] { return code }
    }
    guard let buffer = unsafe request.buffer else { return 14 }
    for index in 0..<request.count / 512 {
      let bytes = unsafe UnsafeMutableRawBufferPointer(start: buffer + index * 512, count: 512)
      if request.operation == .write {
        unsafe self[first + UInt64(index)] = Array(bytes)
      } else {
        unsafe bytes.copyBytes(from: self[first + UInt64(index)])
      }
    }
    return 0
  }
}

/// The engine over a `DiskStore`.
struct DiskStoreEngine: StorageEngine {
  let store: DiskStore

  var capacity: UInt64 { store.capacity }
  var isReadOnly: Bool { store.isReadOnly }
  var maximumInFlight: Int { 1 }

  mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    let completion = StorageCompletion(token: request.token, error: store.perform(request))
    if !store.isAsynchronous { return completion }
    store.finished.append(completion)
    return nil
  }

  mutating func kick() {}

  mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int {
    let some = store.finished.prefix(completions.count)
    store.finished.removeFirst(some.count)
    for (index, completion) in some.enumerated() { unsafe completions[index] = completion }
    return some.count
  }

  mutating func completionEvent() -> Int32? { nil }
}
