/// What a part of an operation's time is.
public enum AttributionKind: String, Codable, Sendable, CaseIterable {
  /// The device and its backend: what the reference machine takes for the operation.
  case backend
  /// What a device costs that takes one request at a time, where the reference keeps several in flight.
  case serialisation
  /// Notifications that end at an eventfd in the kernel.
  case doorbells
  /// Accesses that the monitor answers in user space.
  case exits
  /// From raising an interrupt until the guest's handler has returned.
  case interrupts
  /// Halting, and waking up again.
  case halts
  /// Handing requests and completions from one CPU to the other.
  case handoff
  /// The guest's own work: driver, workload, checks.
  case guest
}
