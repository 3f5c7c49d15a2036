/// The time that a workload's loop runs for.
struct LoopWindow: BitwiseCopyable {
  /// TSC at its beginning.
  var start: UInt64
  /// Ticks.
  var duration: UInt64
  /// Whether latencies go to the histogram; if not, it is a warm-up.
  var isRecorded: Bool
  /// Whether every word is verified, which takes as long as much of what is measured; else a sample.
  var verifiesEverything = false

  var end: UInt64 { start &+ duration }
}
