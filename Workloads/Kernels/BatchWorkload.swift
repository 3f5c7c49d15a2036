/// A workload that is timed in batches. Every batch starts from the same seed and does the same work, so that every
/// batch has the same checksum and one of them, recomputed by the host, vouches for all.
protocol BatchWorkload: ~Copyable {
  /// Operations of the first and smallest batch, 1 or more.
  var smallestBatch: UInt64 { get }
  /// Bytes that one operation moves, counted as the workload's own documentation says.
  var bytesPerOperation: UInt64 { get }
  /// Called before every batch, inside the window but outside the batch's own time: must be short.
  mutating func prepareBatch()
  /// Does the operations of one batch and returns their checksum.
  mutating func run(_ operations: UInt64) -> UInt64
}

extension BatchWorkload where Self: ~Copyable {
  var smallestBatch: UInt64 { 1 }
  var bytesPerOperation: UInt64 { 0 }
  @inline(__always) mutating func prepareBatch() {}
}
