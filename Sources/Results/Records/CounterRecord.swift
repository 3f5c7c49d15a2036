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

/// Who counted.
public enum CounterDomain: String, Codable, Sendable, CaseIterable {
  /// A performance event while guest code ran.
  case guest
  /// A performance event while host code ran; also what the kernel counts in software for a thread, whatever it runs.
  case host
  /// KVM's own statistics or tracepoints, and the monitor's counts of what KVM hands it (`monitor.`).
  case kvm
}

/// What a counter's value is worth.
public enum CounterStatus: String, Codable, Sendable, CaseIterable {
  /// It counted all the time that the window was open.
  case counted
  /// It shared the hardware with others; the value was scaled by the time it ran.
  case multiplexed
  /// It could not be had. There is no value; the counter's reason says why.
  case unavailable
}

/// What the audit of the run's beginning found about a counter.
public enum CounterTrust: String, Codable, Sendable, CaseIterable {
  /// It counted what was known to have happened, exactly, wherever it was checked.
  case trusted
  /// It did not: its values are kept and marked.
  case untrusted
  /// Nothing of known number could be held against it here.
  case unchecked
}
