/// From where on noise makes a leg invalid. The one place of these limits; every result repeats them.
///
/// A limit asks for a repetition only when what it watches comes from outside the leg: then a repetition leaves one side of a
/// comparison as unbiased as the other. The clock depends on how much a mode idles, so that repeating for it would select
/// among modes: it marks the leg, no more. No limit ever looks at a metric.
public struct NoiseLimits: Equatable, Sendable {
  /// Share of the watched CPUs' time that the hypervisor below may steal.
  public var stealShare = 0.01
  /// Share of the watched CPUs' time that other processes may take; ``othersTicks`` clock ticks of 10 ms for each CPU are
  /// never too many, since that is how exactly it is known. This stands for the involuntary switches of the leg's threads,
  /// whose number says nothing: a quiet host has 30 000 a second in notified mode and none in polled mode. A mode that
  /// idles leaves others more time than one that polls, so the limit is low enough for a lasting load to pass it in every mode.
  public var othersShare = 0.05
  public var othersTicks = 2.0
  /// Longest lateness of the hiccup thread in milliseconds: beyond it the host as a whole stood still.
  public var hiccupMilliseconds = 10.0
  /// Thermal events in the window.
  public var throttleEvents: UInt64 = 0
  /// Smallest clock while not idle, over the base clock.
  public var clockRatio = 0.9

  /// Share of a turn for which a leg's threads may wait for a CPU: beyond it the round is left out, for all legs alike.
  public var turnDelayShare = 0.1

  public static let standard = NoiseLimits()

  public init() {}

  /// The limits by name with the unit in it, for results.
  public var figures: [String: Double] {
    [
      "stealShare": stealShare, "othersShare": othersShare, "othersTicks": othersTicks,
      "longestHiccupMilliseconds": hiccupMilliseconds,
      "throttleEvents": Double(throttleEvents), "clockRatio": clockRatio, "turnDelayShare": turnDelayShare,
    ]
  }

  /// What of a window's noise is past the limits.
  public func disturbances(in noise: Noise) -> [Disturbance] {
    var found: [Disturbance] = []
    if let share = noise.stealShare, share > stealShare {
      found.append(
        .fromOutside(
          "another guest of this host's hypervisor took \(percent(share)) % of the window (steal; limit \(percent(stealShare)) %)"
        ))
    }
    if let others = noise.others, let share = noise.othersShare, share > othersShare,
      Double(others) / 1e7 > othersTicks * Double(noise.cpuCount)
    {
      found.append(
        .fromOutside(
          "other processes took \(percent(share)) % of the leg's CPUs' time (limit \(percent(othersShare)) %)"))
    }
    if let hiccup = noise.longestHiccup, Double(hiccup) / 1e6 > hiccupMilliseconds {
      found.append(
        .fromOutside("the host stood still for \(hiccup / 1_000_000) ms (hiccup; limit \(Int(hiccupMilliseconds)) ms)"))
    }
    if let events = noise.throttleEvents, events > throttleEvents {
      found.append(.fromOutside("the processor was slowed for its heat \(events) times (limit \(throttleEvents))"))
    }
    if let ratio = noise.clockRatio, ratio < clockRatio {
      found.append(
        Disturbance("the clock ran at \(percent(ratio)) % of its base (limit \(percent(clockRatio)) %)", repeats: false)
      )
    }
    return found
  }

  /// With one decimal.
  private func percent(_ share: Double) -> Double { (share * 1000).rounded() / 10 }
}
