import Storage
import Synchronization
import SystemPackage

/// A request that a disk could not do, kept so that a leg can say why it failed.
public struct BlockError: Hashable, Sendable, CustomStringConvertible {
  public let operation: StorageOperation
  /// Bytes from the start of the disk, and bytes asked for.
  public let offset: UInt64
  public let count: UInt64
  public let errno: Errno

  public var description: String { "\(operation) of \(count) bytes at \(offset): \(errno)" }
}

/// The first errors of a device, for the leg's reason.
final class BlockErrorLog: Sendable {
  private static let limit = 16
  private let errors = Mutex<[BlockError]>([])

  var all: [BlockError] { errors.withLock { $0 } }

  func append(_ error: BlockError) {
    errors.withLock { if $0.count < Self.limit { $0.append(error) } }
  }
}
