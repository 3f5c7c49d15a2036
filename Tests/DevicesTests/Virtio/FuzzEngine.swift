import Devices
import GuestMemory
import LinuxSystem
import Storage
import Synchronization

/// What a fuzzed device did wrong; nil while it did nothing wrong.
final class FuzzFindings: Sendable {
  private let first = Mutex<String?>(nil)
  private let served = Atomic<Int>(0)

  var failure: String? { first.withLock { $0 } }
  /// Requests that got as far as the engine.
  var requests: Int { served.load(ordering: .acquiring) }

  func report(_ text: String) { first.withLock { if $0 == nil { $0 = text } } }
  func count() { served.add(1, ordering: .relaxed) }
}

/// An engine that checks every request against the guest's RAM and the disk, then completes it at once or, as a random number
/// has it, later and in any order.
struct FuzzEngine: ~Copyable, StorageEngine {
  private let findings: FuzzFindings
  private let memory: GuestMemory
  private let bounceSize: Int
  private var waiting: [UInt64] = []
  private var random: FuzzRandom
  private let event: EventCounter

  init(_ findings: FuzzFindings, _ memory: GuestMemory, seed: UInt64) throws {
    self.findings = findings
    self.memory = memory
    random = FuzzRandom(seed: seed)
    bounceSize = 1 << 20
    waiting.reserveCapacity(64)
    event = try EventCounter(nonBlocking: true)
  }

  var capacity: UInt64 { 1 << 20 }
  var isReadOnly: Bool { false }
  var maximumInFlight: Int { 16 }

  mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    findings.count()
    check(request)
    if waiting.count >= maximumInFlight { findings.report("more requests in flight than the engine takes") }
    if random.below(3) == 0 {
      waiting.append(request.token)
      event.signal()
      return nil
    }
    return StorageCompletion(token: request.token, error: random.below(8) == 0 ? 5 : 0)
  }

  private func check(_ request: StorageRequest) {
    if request.operation == .flush { return }
    if request.offset > capacity || UInt64(request.count) > capacity - request.offset || request.count <= 0
      || request.count % 512 != 0 || request.offset % 512 != 0
    {
      findings.report("\(request.operation) of \(request.count) bytes at \(request.offset) lies outside the disk")
    }
    guard request.operation == .read || request.operation == .write else { return }
    guard let buffer = unsafe request.buffer else { return findings.report("a transfer without a buffer") }
    let region = memory.regions[0]
    let start = UInt(bitPattern: buffer)
    let isInside = start >= region.host && UInt64(start - region.host) + UInt64(request.count) <= region.count
    // What is not RAM is the bounce buffer, which takes what it is given if it is no longer than that.
    if !isInside && request.count > bounceSize { findings.report("a buffer outside RAM and the bounce buffer") }
    if isInside || request.count <= bounceSize, request.operation == .read {
      unsafe buffer.initializeMemory(
        as: UInt8.self, repeating: UInt8(truncatingIfNeeded: request.token), count: request.count)
    }
  }

  mutating func kick() {}

  mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int {
    var count = 0
    while count < completions.count, !waiting.isEmpty, wait && count == 0 || random.below(2) == 0 {
      let token = waiting.remove(at: random.below(waiting.count))
      unsafe completions[count] = StorageCompletion(token: token, error: random.below(8) == 0 ? 5 : 0)
      count += 1
    }
    if !waiting.isEmpty { event.signal() }
    return count
  }

  mutating func completionEvent() -> Int32? { event.rawValue }
}
