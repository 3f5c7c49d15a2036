import LinuxSystem

/// Any of the engines, chosen when it is opened: a closed choice, so that the data path pays a predicted branch and no
/// existential.
public struct Backing: ~Copyable, StorageEngine {
  private var null: NullEngine?
  private var memory: MemoryEngine?
  private var file: FileEngine?
  private var direct: DirectEngine?
  private var mapped: MappedEngine?
  public let capacity: UInt64
  public let isReadOnly: Bool
  public let maximumInFlight: Int
  /// What a calibration adds to every request; nil everywhere else.
  public var delay: InjectedDelay?

  public init(_ engine: consuming NullEngine) {
    capacity = engine.capacity
    isReadOnly = engine.isReadOnly
    maximumInFlight = engine.maximumInFlight
    null = consume engine
  }

  public init(_ engine: consuming MemoryEngine) {
    capacity = engine.capacity
    isReadOnly = engine.isReadOnly
    maximumInFlight = engine.maximumInFlight
    memory = consume engine
  }

  public init(_ engine: consuming FileEngine) {
    capacity = engine.capacity
    isReadOnly = engine.isReadOnly
    maximumInFlight = engine.maximumInFlight
    file = consume engine
  }

  public init(_ engine: consuming DirectEngine) {
    capacity = engine.capacity
    isReadOnly = engine.isReadOnly
    maximumInFlight = engine.maximumInFlight
    direct = consume engine
  }

  public init(_ engine: consuming MappedEngine) {
    capacity = engine.capacity
    isReadOnly = engine.isReadOnly
    maximumInFlight = engine.maximumInFlight
    mapped = consume engine
  }
}

extension Backing {
  /// A further engine on the same piece of memory, for another thread; nil for a disk that is no piece of memory.
  borrowing func memoryBeside() -> Backing? {
    switch memory {
    case .some(let engine): return Backing(MemoryEngine(beside: engine))
    case .none: return nil
    }
  }

  public var counts: EngineCounts {
    switch file {
    case .some(let engine): return engine.counts
    case .none: break
    }
    switch direct {
    case .some(let engine): return engine.counts
    case .none: break
    }
    switch mapped {
    case .some(let engine): return engine.counts
    case .none: return EngineCounts()
    }
  }

  public mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    if delay != nil { delay!.wait() }
    if file != nil { return file!.submit(request) }
    if direct != nil { return direct!.submit(request) }
    if mapped != nil { return mapped!.submit(request) }
    if memory != nil { return memory!.submit(request) }
    return null!.submit(request)
  }

  public mutating func kick() {
    if direct != nil { direct!.kick() } else if mapped != nil { mapped!.kick() }
  }

  public mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int {
    if direct != nil { return unsafe direct!.reap(into: completions, wait: wait) }
    return unsafe mapped != nil ? mapped!.reap(into: completions, wait: wait) : 0
  }

  public mutating func rest() {
    if delay != nil { delay!.rest() }
  }

  public mutating func completionEvent() -> Int32? {
    if direct != nil { return direct!.completionEvent() }
    return mapped != nil ? mapped!.completionEvent() : nil
  }
}
