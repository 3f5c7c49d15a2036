/// What a counter's value is worth.
public enum CounterStatus: String, Codable, Sendable, CaseIterable {
  /// It counted all the time that the window was open.
  case counted
  /// It shared the hardware with others; the value was scaled by the time it ran.
  case multiplexed
  /// It could not be had. There is no value; the counter's reason says why.
  case unavailable
}
