import Foundation
import Synchronization

/// Threads that share a test machine's work: one for each piece of work.
final class TestWorkers: Sendable {
  let count: Int
  /// Workers that never begin.
  private let absent: Set<UInt32>
  private let busy = Mutex<Set<UInt32>>([])

  init(_ count: Int, absent: Set<UInt32> = []) {
    self.count = count
    self.absent = absent
  }

  @safe private struct Piece: @unchecked Sendable {
    // @unchecked: handed to one thread.
    let work: @convention(c) (UnsafeMutableRawPointer?) -> Void
    let argument: UnsafeMutableRawPointer?
  }

  @unsafe func start(
    _ worker: UInt32, _ work: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void,
    _ argument: UnsafeMutableRawPointer?
  ) {
    precondition(worker >= 1 && worker <= count && !isBusy(worker), "a worker that is there and has nothing to do")
    if absent.contains(worker) { return }
    busy.withLock { _ = $0.insert(worker) }
    let piece = unsafe Piece(work: work, argument: argument)
    Thread.detachNewThread { [self] in
      unsafe piece.work(piece.argument)
      busy.withLock { _ = $0.remove(worker) }
    }
  }

  /// Returns when no worker works any more: what they work in may go then.
  func finish() {
    while busy.withLock({ !$0.isEmpty }) { usleep(100) }
  }

  func isBusy(_ worker: UInt32) -> Bool { busy.withLock { $0.contains(worker) } }
}
