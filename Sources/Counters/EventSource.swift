/// Who counts a perf event.
public enum EventSource: String, Sendable, CaseIterable {
  /// A counter of the processor.
  case processor
  /// The kernel, in software.
  case kernel
  /// The kernel, whenever it passes a point in its code.
  case tracepoint
}
