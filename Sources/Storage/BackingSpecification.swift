import LinuxSystem
import SystemPackage

/// Which backing a disk has, before it is opened.
public enum BackingSpecification: Sendable {
  /// A disk of `size` bytes that moves nothing.
  case null(size: UInt64)
  /// A disk of `size` bytes of memory that holds the pattern of generation 0.
  case memory(size: UInt64, seed: UInt64)
  /// A file or block device through the page cache.
  case file(path: String)
  /// A file or block device past the page cache.
  case direct(path: String)
  /// A disk inside files of another format, through the page cache or past it.
  case mapped(isDirect: Bool, map: MapOpener)

  /// Opens the map of a disk's place in a file; told whether for reading only.
  public typealias MapOpener = @Sendable (_ readOnly: Bool) throws(SystemError) -> any BlockMap

  /// The name that reports and the command line use.
  public var name: String {
    switch self {
    case .null: "null"
    case .memory: "memory"
    case .file: "file"
    case .direct, .mapped(isDirect: true, _): "direct"
    case .mapped: "file"
    }
  }

  /// Opens the backing. Filling memory with the pattern takes as long as writing it.
  /// - Throws: `SystemError`, one line that names the path.
  public func open(readOnly: Bool = false) throws(SystemError) -> Backing {
    switch self {
    case .null(let size): return Backing(NullEngine(capacity: size, isReadOnly: readOnly))
    case .memory(let size, let seed):
      let engine = try MemoryEngine(capacity: size, isReadOnly: readOnly)
      unsafe engine.withBytes { unsafe DiskPattern.fill($0, firstSector: 0, seed: seed) }
      return Backing(engine)
    case .file(let path): return Backing(try FileEngine(path: path, readOnly: readOnly))
    case .direct(let path): return Backing(try DirectEngine(path: path, readOnly: readOnly))
    case .mapped(let isDirect, let map): return Backing(try MappedEngine(try map(readOnly), isDirect: isDirect))
    }
  }

  /// Opens the same disk again for another thread, beside an engine that was opened by it and is in use.
  /// - Throws: `SystemError`, one line that names the path; also for a disk inside a file of another format, whose tables one thread
  ///   alone may have.
  public func open(beside other: borrowing Backing) throws(SystemError) -> Backing {
    switch self {
    case .memory:
      guard let engine = other.memoryBeside() else { preconditionFailure("an engine of another disk") }
      return engine
    case .null, .file, .direct: return try open(readOnly: other.isReadOnly)
    case .mapped:
      throw SystemError(
        "open a disk image for several threads", .notSupported,
        advice: "Only a raw image can have several: use format raw.")
    }
  }
}
