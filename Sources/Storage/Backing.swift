import LinuxSystem

/// Any of the engines, chosen when it is opened: a closed choice, so that the data path pays a predicted branch and no
/// existential.
public struct Backing: ~Copyable, StorageEngine {
  /// Which of the engines there is: to ask one optional after the other takes longer than some requests do.
  private enum Kind {
    case null, memory, file, direct, mapped
  }

  private let kind: Kind
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
    kind = .null
    null = consume engine
  }

  public init(_ engine: consuming MemoryEngine) {
    capacity = engine.capacity
    isReadOnly = engine.isReadOnly
    maximumInFlight = engine.maximumInFlight
    kind = .memory
    memory = consume engine
  }

  public init(_ engine: consuming FileEngine) {
    capacity = engine.capacity
    isReadOnly = engine.isReadOnly
    maximumInFlight = engine.maximumInFlight
    kind = .file
    file = consume engine
  }

  public init(_ engine: consuming DirectEngine) {
    capacity = engine.capacity
    isReadOnly = engine.isReadOnly
    maximumInFlight = engine.maximumInFlight
    kind = .direct
    direct = consume engine
  }

  public init(_ engine: consuming MappedEngine) {
    capacity = engine.capacity
    isReadOnly = engine.isReadOnly
    maximumInFlight = engine.maximumInFlight
    kind = .mapped
    mapped = consume engine
  }
}

extension Backing {
  public var counts: EngineCounts {
    switch kind {
    case .null, .memory: EngineCounts()
    case .file: file.counts
    case .direct: direct.counts
    case .mapped: mapped.counts
    }
  }

  public mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    if delay != nil { delay!.wait() }
    switch kind {
    case .null: return null!.submit(request)
    case .memory: return memory!.submit(request)
    case .file: return file!.submit(request)
    case .direct: return direct!.submit(request)
    case .mapped: return mapped!.submit(request)
    }
  }

  public mutating func kick() {
    switch kind {
    case .null, .memory, .file: return
    case .direct: direct!.kick()
    case .mapped: mapped!.kick()
    }
  }

  public mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int {
    switch kind {
    case .null, .memory, .file: 0
    case .direct: unsafe direct!.reap(into: completions, wait: wait)
    case .mapped: unsafe mapped!.reap(into: completions, wait: wait)
    }
  }

  public mutating func rest() {
    if delay != nil { delay!.rest() }
  }

  public mutating func completionEvent() -> Int32? {
    switch kind {
    case .null, .memory, .file: nil
    case .direct: direct!.completionEvent()
    case .mapped: mapped!.completionEvent()
    }
  }
}

extension Optional where Wrapped: StorageEngine & ~Copyable {
  fileprivate var counts: EngineCounts {
    switch self {
    case .some(let engine): engine.counts
    case .none: EngineCounts()
    }
  }
}
