import LinuxSystem

/// A disk in a file, or in parts of several, through the page cache: a request is one `pread` or `pwrite`.
public struct FileEngine: ~Copyable, StorageEngine {
  private let file: BackingFile
  /// Files besides the first.
  private let others: ContainerFiles?
  public private(set) var counts = EngineCounts()
  public var capacity: UInt64 { file.capacity }
  public var isReadOnly: Bool { file.isReadOnly }
  public var maximumInFlight: Int { .max }

  /// Opens a disk image or a block device; its size now is the disk's capacity.
  /// - Throws: `SystemError`, one line that names the path.
  public init(path: String, readOnly: Bool = false) throws(SystemError) {
    file = try BackingFile(path: path, flags: 0, readOnly: readOnly)
    others = nil
  }

  /// Opens files that hold a disk among other things, and may grow.
  init(containers files: [BlockFile]) throws(SystemError) {
    let rest = try ContainerFiles(Array(files.dropFirst()), flags: 0)
    file = try BackingFile(path: files[0].path, flags: 0, readOnly: files[0].isReadOnly, isContainer: true)
    others = rest
  }

  /// The file of a request.
  @inline(__always)
  private func target(_ request: StorageRequest) -> OpenFile {
    guard _slowPath(request.file > 0), let others else { return file.open }
    return others.open[Int(request.file) - 1]
  }

  public mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    var error = request.refusal(capacity: file.capacity, isReadOnly: file.isReadOnly)
    if error == 0 {
      counts.calls &+= 1
      let file = target(request)
      switch request.operation {
      case .read: error = unsafe file.read(request.buffer.unsafelyUnwrapped, request.count, at: request.offset)
      case .write: error = unsafe file.write(request.buffer.unsafelyUnwrapped, request.count, at: request.offset)
      case .flush:
        error = file.flush()
        if error == 0 { counts.flushes &+= 1 }
      case .discard: error = file.discard(request.count, at: request.offset)
      case .writeZeroes: error = file.writeZeroes(request.count, at: request.offset)
      }
    }
    return StorageCompletion(token: request.token, error: error)
  }

  /// Reads or writes where a map has placed a request that it has checked.
  @inline(__always)
  mutating func transfer(_ request: StorageRequest, at place: BlockPlace) -> StorageCompletion {
    counts.calls &+= 1
    var open = file.open
    if _slowPath(place.file > 0), let others { open = others.open[Int(place.file) - 1] }
    let buffer = unsafe request.buffer.unsafelyUnwrapped
    let error =
      request.operation == .read
      ? unsafe open.read(buffer, request.count, at: place.offset)
      : unsafe open.write(buffer, request.count, at: place.offset)
    return StorageCompletion(token: request.token, error: error)
  }

  public mutating func kick() {}

  public mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int { 0 }

  public mutating func completionEvent() -> Int32? { nil }
}
