/// One counter over one leg's measured window.
public struct CounterRecord: Codable, Sendable, Equatable {
  /// The event's name as libpfm4, KVM or the tracepoint has it.
  public var name: String
  public var domain: CounterDomain
  /// Nil where the counter is unavailable, which is not zero.
  public var value: UInt64?
  /// Nanoseconds for which the event was enabled; nil where the source does not say.
  public var timeEnabled: UInt64?
  /// Nanoseconds for which the event really counted; nil where the source does not say.
  public var timeRunning: UInt64?
  public var status: CounterStatus
  /// Why it is unavailable.
  public var reason: String?
  /// The thread that it counts: `workload` (the native thread, or vCPU 0), `vcpu1` and up, `io`; nil for counts of a whole
  /// machine.
  public var thread: String?
  /// The value's unit; nil for a plain count.
  public var unit: String?
  /// `untrusted` where the audit of the run's beginning found that it does not count what it should; nil elsewhere.
  public var trust: CounterTrust?

  public init(
    name: String, domain: CounterDomain, value: UInt64?, timeEnabled: UInt64? = nil, timeRunning: UInt64? = nil,
    status: CounterStatus, reason: String? = nil, thread: String? = nil, unit: String? = nil
  ) {
    self.name = name
    self.domain = domain
    self.value = value
    self.timeEnabled = timeEnabled
    self.timeRunning = timeRunning
    self.status = status
    self.reason = reason
    self.thread = thread
    self.unit = unit
  }
}
