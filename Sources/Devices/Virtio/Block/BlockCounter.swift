/// What a virtio-blk device counts.
public enum BlockCounter: Int, CaseIterable, Sendable {
  case reads, writes, flushes, discards, writeZeroes, identities, unsupported, errors
  case bytesRead, bytesWritten
  /// Interrupts raised, doorbell waits that ended, and times that polling gave up and slept.
  case interrupts, wakeups, sleeps
}
