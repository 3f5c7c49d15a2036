/// How an I/O thread learns of requests and tells of completions.
public enum BlockServiceMode: Hashable, Sendable {
  /// Waits for doorbells, raises interrupts where the driver wants them.
  case notified
  /// Watches the rings and never interrupts: the driver must watch them too. See `PollingPolicy` for what an idle guest costs.
  case polled(PollingPolicy = PollingPolicy())
}
