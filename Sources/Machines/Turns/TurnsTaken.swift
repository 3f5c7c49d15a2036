import Results

/// What became of a leg's turns.
struct TurnsTaken: Sendable {
  /// Nanoseconds of a window as it was planned, and of the work before it.
  var length: UInt64
  var rewarm: UInt64
  /// By round, which of the leg's windows was measured in it, counted from 0: two for the native leg, in the order of their
  /// labels.
  var windows: [[Int]]
  /// By round, which leg had the turn before each of this leg's, in the order of their labels; nil before the first of all.
  var before: [[Path?]]
  /// Rounds, by number from 0, in which something from outside held up one of the legs.
  var disturbed: [Int]
  /// Rounds, and how far apart in nanoseconds the two CPUs were before them or after the last; empty for a leg whose work stays on one.
  var handOffs: [(round: Int, nanoseconds: Double)]
}
