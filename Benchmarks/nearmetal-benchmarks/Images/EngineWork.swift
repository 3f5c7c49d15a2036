import LinuxSystem
import Statistics
import Storage

/// Requests of 4 KiB to an engine, so many in flight.
struct EngineWork {
  let name: String
  let depth: Int
  let isDirect: Bool
  let writes: Bool
}

/// An engine that is kept at work, window after window.
@safe final class EngineSide {
  let name: String
  private let work: EngineWork
  private var backing: Backing
  private let memory: Mapping
  private let completions: UnsafeMutableBufferPointer<StorageCompletion>
  private var free: [Int]
  private var generator: UInt64
  private let places: UInt64
  private static let bytes = 4096

  init(name: String, _ specification: BackingSpecification, _ work: EngineWork, seed: UInt64) throws {
    self.name = name
    self.work = work
    backing = try specification.open(readOnly: !work.writes)
    memory = try Mapping.anonymous(count: work.depth * Self.bytes)
    unsafe completions = .allocate(capacity: work.depth)
    free = Array(0..<work.depth)
    generator = seed
    places = backing.capacity / UInt64(Self.bytes)
  }

  deinit { unsafe completions.deallocate() }

  /// Keeps requests at random places in flight for a window, and waits for the last.
  func window(_ nanoseconds: UInt64) throws -> PairedRound.Turn {
    var done: UInt64 = 0
    let start = MonotonicClock.now
    while true {
      let goesOn = MonotonicClock.now &- start < nanoseconds
      if !goesOn, free.count == work.depth { break }
      // Each request is handed on at once, as the workloads do it.
      while goesOn, let slot = free.popLast() {
        generator &+= 0x9E37_79B9_7F4A_7C15
        if let completion = submit(slot, place: DiskPattern.mix(generator) % places) {
          done += 1
          try finish(completion)
          if work.depth == 1 { break }
        } else {
          backing.kick()
        }
      }
      if free.count < work.depth {
        for index in 0..<(unsafe backing.reap(into: completions, wait: true)) {
          done += 1
          try finish(unsafe completions[index])
        }
      }
    }
    return PairedRound.Turn(operations: done, nanoseconds: max(1, MonotonicClock.now &- start))
  }

  private func submit(_ slot: Int, place: UInt64) -> StorageCompletion? {
    backing.submit(
      unsafe StorageRequest(
        work.writes ? .write : .read, token: UInt64(slot), offset: place * UInt64(Self.bytes), count: Self.bytes,
        buffer: memory.base + slot * Self.bytes))
  }

  private func finish(_ completion: StorageCompletion) throws {
    guard completion.error == 0 else { throw Problem("a request failed with errno \(completion.error)") }
    free.append(Int(completion.token))
  }
}
