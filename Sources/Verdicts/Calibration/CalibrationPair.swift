import Results

/// Two interleaved runs of the same build, of which the head may have been slowed on purpose.
public struct CalibrationPair: Sendable {
  public var base: RunResult
  public var head: RunResult
  /// Legs of the further windows of the same boots, by side. Decisions never see them: they only tell where noise comes from.
  public var baseRepeats: [LegRecord]
  public var headRepeats: [LegRecord]
  /// Seconds of a window with its warm-up, and what a leg took on average besides: booting, for the most part.
  public var windowSeconds: Double
  public var legSeconds: Double

  public init(
    base: RunResult, head: RunResult, baseRepeats: [LegRecord] = [], headRepeats: [LegRecord] = [],
    windowSeconds: Double, legSeconds: Double
  ) {
    self.base = base
    self.head = head
    self.baseRepeats = baseRepeats
    self.headRepeats = headRepeats
    self.windowSeconds = windowSeconds
    self.legSeconds = legSeconds
  }
}
