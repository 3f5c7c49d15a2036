import Storage

extension StorageEngine where Self: ~Copyable {
  /// Runs one request to its end and returns its errno.
  mutating func run(_ operation: StorageOperation, _ offset: UInt64, _ buffer: UnsafeMutableRawBufferPointer) -> Int32 {
    unsafe finish(StorageRequest(operation, token: 42, offset: offset, count: buffer.count, buffer: buffer.baseAddress))
  }

  mutating func run(_ operation: StorageOperation, _ offset: UInt64, count: Int) -> Int32 {
    unsafe finish(StorageRequest(operation, token: 42, offset: offset, count: count, buffer: nil))
  }

  private mutating func finish(_ request: StorageRequest) -> Int32 {
    if let done = submit(request) { return done.error }
    kick()
    let completions = UnsafeMutableBufferPointer<StorageCompletion>.allocate(capacity: 1)
    defer { unsafe completions.deallocate() }
    return unsafe reap(into: completions, wait: true) == 1 ? completions[0].error : -1
  }
}
