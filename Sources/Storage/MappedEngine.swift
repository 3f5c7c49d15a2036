import CLinux
import LinuxSystem

/// A disk inside files of another format. What lies in one of them in one piece is handed on to the engine below as it is, so that it
/// costs a look into a table and nothing else; the rest is done by the map.
public struct MappedEngine: ~Copyable, StorageEngine {
  private var file: FileEngine?
  private var direct: DirectEngine?
  private let map: any BlockMap
  private var places = PlaceCache()
  /// Transfers in flight in the engine below, those of copies as well.
  private var inFlight = 0
  private var copies = BlockCopies()
  /// Writes that wait for a copy to end: of the same block, or for want of room.
  private var waiting: [StorageRequest] = []
  /// What came back while something waited for all of it, and was not reaped yet.
  private var backlog: [StorageCompletion] = []

  public let capacity: UInt64
  public let isReadOnly: Bool
  private var flushes: UInt64 = 0
  public let maximumInFlight: Int

  /// Calls and copies are those of the engine below; what the map's own tables take is not among them.
  public var counts: EngineCounts {
    var counts = below
    counts.flushes = flushes
    return counts
  }

  private var below: EngineCounts {
    switch file {
    case .some(let engine): return engine.counts
    case .none: break
    }
    switch direct {
    case .some(let engine): return engine.counts
    case .none: return EngineCounts()
    }
  }

  /// - Parameters:
  ///   - map: where the disk's bytes are; the engine's thread alone uses it from now on.
  ///   - isDirect: whether transfers go past the page cache.
  public init(_ map: any BlockMap, isDirect: Bool) throws(SystemError) {
    if isDirect {
      self.init(map, try DirectEngine(containers: map.files))
    } else {
      self.init(map, try FileEngine(containers: map.files))
    }
  }

  private init(_ map: any BlockMap, _ engine: consuming FileEngine) {
    self.map = map
    (capacity, isReadOnly) = (map.capacity, map.isReadOnly)
    maximumInFlight = engine.maximumInFlight
    file = consume engine
  }

  private init(_ map: any BlockMap, _ engine: consuming DirectEngine) {
    self.map = map
    (capacity, isReadOnly) = (map.capacity, map.isReadOnly)
    maximumInFlight = engine.maximumInFlight
    backlog.reserveCapacity(engine.maximumInFlight)
    direct = consume engine
  }

  public mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    let error = request.refusal(capacity: capacity, isReadOnly: isReadOnly)
    guard error == 0 else { return StorageCompletion(token: request.token, error: error) }
    switch request.operation {
    case .read, .write:
      let writing = request.operation == .write
      if let place = places.find(request.offset, request.count, writing: writing) { return pass(request, to: place) }
      return submitUnknown(request, writing: writing)
    case .flush:
      let error = map.perform(request)
      if error == 0 { flushes &+= 1 }
      return StorageCompletion(token: request.token, error: error)
    case .discard, .writeZeroes:
      // A place that is given up must not be written any more.
      drain()
      places.clear()
      return StorageCompletion(token: request.token, error: map.perform(request))
    }
  }

  /// Asks the map: for the whole piece where the request lies inside one, so that the next requests need not.
  @inline(never)
  private mutating func submitUnknown(_ request: StorageRequest, writing: Bool) -> StorageCompletion? {
    if writing, copies.count > 0, copies.isFull || copies.touches(request.offset, request.count) {
      waiting.append(request)
      return nil
    }
    let whole = wholePiece(request)
    if let whole, !writing {
      places.keep(whole.place, of: whole.start, whole.size, writing: false)
      return pass(
        request, to: BlockPlace(file: whole.place.file, offset: whole.place.offset + request.offset - whole.start))
    }
    if let place = map.place(request.offset, request.count, writing: writing) {
      // Nothing of a piece that is there already gets another place.
      if writing, let whole, whole.place.isWritable {
        places.keep(whole.place, of: whole.start, whole.size, writing: true)
      }
      return pass(request, to: place)
    }
    if writing {
      if direct != nil, let copy = map.copy(request.offset, request.count) {
        return goOn(copies.begin(copy, for: request))
      }
      // What is done there may lie elsewhere from now on.
      places.clear()
    }
    return StorageCompletion(token: request.token, error: map.perform(request))
  }

  /// The longest piece around a request that lies in one place; nil where none does.
  private func wholePiece(
    _ request: StorageRequest
  ) -> (place: BlockPlace, start: UInt64, size: PlaceCache.Size)? {
    for size in PlaceCache.Size.allCases {
      let start = size.start(request.offset)
      let count = Int(min(size.bytes, capacity - start))
      guard request.offset - start + UInt64(request.count) <= UInt64(count),
        let place = map.place(start, count, writing: false)
      else { continue }
      return (place, start, size)
    }
    return nil
  }

  @inline(__always)
  private mutating func pass(_ request: StorageRequest, to place: BlockPlace) -> StorageCompletion? {
    if file != nil { return file!.transfer(request, at: place) }
    var below = request
    below.file = place.file
    below.offset = place.offset
    let completion = direct!.submit(below)
    if completion == nil { inFlight += 1 }
    return completion
  }

  /// Does what is next for a copy whose last transfer was done.
  /// - Returns: the end of the write that it was made for; nil while it goes on.
  private mutating func goOn(_ number: Int, error: Int32 = 0) -> StorageCompletion? {
    var error = error
    while error == 0, let transfer = copies.next(number) {
      guard let completion = direct!.submit(transfer) else {
        inFlight += 1
        return nil
      }
      error = completion.error
    }
    let (request, copy) = copies.end(number)
    if error == 0 { error = map.finish(copy) }
    places.clear()
    let others = waiting
    waiting.removeAll(keepingCapacity: true)
    for other in others {
      if let completion = submit(other) { backlog.append(completion) }
    }
    return StorageCompletion(token: request.token, error: error)
  }

  /// Takes note of what came from the engine below.
  /// - Returns: what whoever asked is told; nil where that is nothing yet.
  private mutating func take(_ completion: StorageCompletion) -> StorageCompletion? {
    inFlight -= 1
    return completion.copy == 0 ? completion : goOn(Int(completion.copy) - 1, error: completion.error)
  }

  /// Waits for everything in flight.
  private mutating func drain() {
    guard inFlight > 0 else { return }
    let one = UnsafeMutableBufferPointer<StorageCompletion>.allocate(capacity: 1)
    defer { unsafe one.deallocate() }
    while inFlight > 0 {
      direct!.kick()
      guard unsafe direct!.reap(into: one, wait: true) == 1 else { continue }
      if let completion = take(unsafe one[0]) { backlog.append(completion) }
    }
    // Whoever waits for the event looks again.
    guard let event = direct!.completionEvent() else { return }
    var signal: UInt64 = 1
    _ = try? systemCall { unsafe write(event, &signal, 8) }
  }

  public mutating func kick() {
    if direct != nil { direct!.kick() }
  }

  public mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int {
    guard direct != nil else { return 0 }
    let deadline = wait ? MonotonicClock.now &+ 1_000_000_000 : 0
    while true {
      var count = unsafe takeBacklog(completions, from: 0)
      guard count == 0 else { return count }
      let isCopying = copies.count > 0
      for index in 0..<(unsafe direct!.reap(into: completions, wait: wait)) {
        guard let completion = take(unsafe completions[index]) else { continue }
        unsafe completions[count] = completion
        count += 1
      }
      guard isCopying else { return count }
      // What a copy goes on with is handed to the kernel at once.
      direct!.kick()
      count = unsafe takeBacklog(completions, from: count)
      if count > 0 || !wait || inFlight == 0 || MonotonicClock.now >= deadline { return count }
    }
  }

  private mutating func takeBacklog(
    _ completions: UnsafeMutableBufferPointer<StorageCompletion>, from first: Int
  ) -> Int {
    var count = first
    while count < completions.count, let completion = backlog.popLast() {
      unsafe completions[count] = completion
      count += 1
    }
    return count
  }

  public mutating func completionEvent() -> Int32? {
    direct != nil ? direct!.completionEvent() : nil
  }
}
