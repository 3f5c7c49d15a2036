/// Where a slowdown is added on purpose. Only legs of the `nearmetal` machine are slowed.
public enum InjectionKind: String, Codable, Sendable, CaseIterable {
  /// The disk's thread waits so many nanoseconds before each request.
  case ioDelay = "io-delay"
  /// The disk's thread waits before each request for so many percent of the time since the end of the wait before: of what the
  /// operation takes without it.
  case ioSlow = "io-slow"
  /// The vCPU's thread waits so many nanoseconds after each exit that user space answered.
  case exitDelay = "exit-delay"
  /// The guest waits so many nanoseconds in each operation.
  case guestDelay = "guest-delay"
}
