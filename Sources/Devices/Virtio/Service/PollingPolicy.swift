/// What a polling thread does while there is nothing to do: it looks without a break, then with growing pauses, and at last asks
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
