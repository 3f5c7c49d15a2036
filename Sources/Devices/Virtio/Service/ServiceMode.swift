/// How an I/O thread learns of requests and tells of completions.
public enum ServiceMode: Hashable, Sendable {
  /// Waits for doorbells, raises interrupts where the driver wants them. Before it sleeps the thread looks at ring and engine
  /// for at most some 100 microseconds, as long as that has been finding work: waking it up costs about as much.
  case notified
  /// Watches the rings and never interrupts: the driver must watch them too. See `PollingPolicy` for what an idle guest costs.
  case polled(PollingPolicy = PollingPolicy())
}

/// What a polling thread does while there is nothing to do: it looks without a break, then with growing pauses, then asks
/// for a doorbell and sleeps. A request in flight counts as something to do.
public struct PollingPolicy: Hashable, Sendable {
  /// Looks without a break, each some nanoseconds.
  public var eagerLooks: UInt32
  /// Further looks, before each a pause that grows to 64 processor pauses, which is one to three microseconds.
  public var patientLooks: UInt32

  /// The defaults: about 100 microseconds, then about 20 milliseconds.
  public init(eagerLooks: UInt32 = 1 << 15, patientLooks: UInt32 = 1 << 13) {
    self.eagerLooks = eagerLooks
    self.patientLooks = patientLooks
  }
}
