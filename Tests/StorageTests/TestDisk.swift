import CLinux
import Glibc
import LinuxSystem
import Storage
import SystemPackage

/// A prepared disk of one kind, in a file that goes with it.
final class TestDisk {
  let specification: BackingSpecification
  private let path: String?

  init(_ kind: String, size: UInt64, seed: UInt64) throws {
    switch kind {
    case "null": (path, specification) = (nil, .null(size: size))
    case "memory": (path, specification) = (nil, .memory(size: size, seed: seed))
    default:
      // Not in /tmp or /dev/shm: a memory file system may lack O_DIRECT.
      var template = Array("/var/tmp/nearmetal-disk-XXXXXX".utf8CString)
      close(unsafe mkstemp(&template))
      let made = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
      path = made
      specification = kind == "file" ? .file(path: made) : .direct(path: made)
      try DiskImage.prepare(path: made, size: size, seed: seed)
    }
  }

  deinit {
    if let path { unsafe unlink(path) }
  }

  func truncate(to size: Int) throws {
    guard unsafe Glibc.truncate(path!, size) == 0 else { throw Errno(rawValue: nm_errno()) }
  }

  func allocatedBytes() throws -> Int {
    var status = stat()
    guard unsafe stat(path!, &status) == 0 else { throw Errno(rawValue: nm_errno()) }
    return status.st_blocks * 512
  }
}

/// Memory for requests, page-aligned.
struct TestBuffer: ~Copyable {
  private let mapping: Mapping
  let count: Int
  var bytes: UnsafeMutableRawBufferPointer { unsafe UnsafeMutableRawBufferPointer(start: mapping.base, count: count) }

  init(_ count: Int) throws {
    self.count = count
    mapping = try Mapping.anonymous(count: count)
  }

  func mismatch(firstSector: UInt64, seed: UInt64) -> UInt64? {
    unsafe DiskPattern.firstMismatch(in: UnsafeRawBufferPointer(bytes), firstSector: firstSector, seed: seed)
  }
}

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
