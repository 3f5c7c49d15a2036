/// What became of a frame that was to be sent.
@frozen public enum FrameOutcome: Hashable, Sendable {
  case sent
  /// There is no room now; the sender keeps the frame and may try again.
  case full
  /// The wire does not take it, with the errno that says why. It is lost.
  case refused(Int32)
}
