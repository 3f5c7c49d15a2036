import LinuxSystem
import Storage
import Synchronization

/// What an engine was asked for.
final class EngineLog: Sendable {
  struct Entry: Sendable, Equatable {
    var offset: UInt64
    var count: Int
  }
  private let state = Mutex<(entries: [Entry], inFlight: Int, mostInFlight: Int)>(([], 0, 0))

  var entries: [Entry] { state.withLock { $0.entries } }
  /// Most bytes that were in flight at once.
  var mostInFlight: Int { state.withLock { $0.mostInFlight } }

  fileprivate func begin(_ request: StorageRequest) {
    state.withLock { state in
      state.entries.append(Entry(offset: request.offset, count: request.count))
      state.inFlight += request.count
      state.mostInFlight = max(state.mostInFlight, state.inFlight)
    }
  }

  fileprivate func end(_ count: Int) { state.withLock { $0.inFlight -= count } }
}

/// An engine that moves nothing, writes down what it is asked for, and tells the test of every request.
struct ProbingEngine: ~Copyable, StorageEngine {
  let capacity: UInt64
  private let log: EngineLog
  private let isAsynchronous: Bool
  private let submitted: @Sendable (_ requests: Int) -> Void
  private var waiting: [(token: UInt64, count: Int)] = []

  /// - Parameters:
  ///   - isAsynchronous: whether completions are only there to be reaped, one at a time.
  ///   - submitted: called with the number of requests so far, on the engine's thread.
  init(
    capacity: UInt64, _ log: EngineLog, isAsynchronous: Bool = false,
    submitted: @escaping @Sendable (_ requests: Int) -> Void = { _ in }
  ) {
    self.capacity = capacity
    self.log = log
    self.isAsynchronous = isAsynchronous
    self.submitted = submitted
  }

  var isReadOnly: Bool { false }
  var maximumInFlight: Int { 1024 }

  mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    log.begin(request)
    submitted(log.entries.count)
    if isAsynchronous {
      waiting.append((request.token, request.count))
      return nil
    }
    log.end(request.count)
    return StorageCompletion(token: request.token, error: 0)
  }

  mutating func kick() {}

  mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int {
    guard !waiting.isEmpty else { return 0 }
    let (token, count) = waiting.removeFirst()
    log.end(count)
    unsafe completions[0] = StorageCompletion(token: token, error: 0)
    return 1
  }

  mutating func completionEvent() -> Int32? { nil }
}
