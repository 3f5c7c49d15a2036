/// The time that a workload's loop runs for.
struct LoopWindow: BitwiseCopyable {
  /// TSC at its beginning.
  var start: UInt64
  /// Ticks.
  var duration: UInt64
  /// Whether latencies go to the histogram; if not, it is the warm-up.
  var isRecorded: Bool

  var end: UInt64 { start &+ duration }
}
