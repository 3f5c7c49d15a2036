/// What a polling thread does while there is nothing to do: it looks without a break, then with growing pauses, and at last asks
/// for a doorbell and sleeps. A request in flight counts as something to do.
public struct PollingPolicy: Hashable, Sendable {
  /// Looks without a break, each some nanoseconds. No processor pause stands between them: it costs 10 to 20 ns of every
  /// hand-off, and hypervisors may trap a loop of pauses.
  public var eagerLooks: UInt32
  /// Further looks, before each a pause that grows to 64 processor pauses, which is one to three microseconds.
  public var patientLooks: UInt32

  /// The defaults: a quarter of a millisecond, then 12 milliseconds, as measured at 2.5 GHz with one idle queue.
  public init(eagerLooks: UInt32 = 1 << 15, patientLooks: UInt32 = 1 << 13) {
    self.eagerLooks = eagerLooks
    self.patientLooks = patientLooks
  }
}
