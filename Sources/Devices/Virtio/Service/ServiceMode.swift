/// How an I/O thread learns of requests and tells of completions.
public enum ServiceMode: Hashable, Sendable {
  /// Waits for doorbells, raises interrupts where the driver wants them. Before it sleeps the thread looks at ring and engine
  /// for at most some 100 microseconds, as long as that has been finding work: waking it up costs about as much.
  case notified
  /// Watches the rings and never interrupts: the driver must watch them too. See `PollingPolicy` for what an idle guest costs.
  case polled(PollingPolicy = PollingPolicy())
}
