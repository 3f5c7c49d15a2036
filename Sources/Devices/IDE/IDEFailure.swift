import Storage

#if canImport(Glibc)
  import Glibc
#endif

/// A request that the storage engine failed: why a guest saw an I/O error.
public struct IDEFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public let operation: StorageOperation
  /// First byte of the request on the disk.
  public let offset: UInt64
  /// Bytes of the request.
  public let count: Int
  /// A positive errno.
  public let code: Int32

  public var description: String {
    let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    return operation == .flush ? "disk flush: \(reason)" : "disk \(operation) of \(count) bytes at \(offset): \(reason)"
  }
}
