import Synchronization

/// The first errors of a device, for the leg's reason.
final class BlockErrorLog: Sendable {
  private static let limit = 16
  private let errors = Mutex<[BlockError]>([])

  var all: [BlockError] { errors.withLock { $0 } }

  func append(_ error: BlockError) {
    errors.withLock { if $0.count < Self.limit { $0.append(error) } }
  }
}
