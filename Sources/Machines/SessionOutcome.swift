import Counters
import Probe
import Results

/// What came of a session.
public struct SessionOutcome: Sendable {
  /// Answers by job number. A job without one did not get that far.
  public var results: [UInt32: ProbeResult] = [:]
  /// What each job's window used, where it was measured.
  public var windows: [UInt32: WindowUse] = [:]
  /// Why legs without an answer have none.
  public var failure: String?
  /// Why nothing could be run at all; every leg is skipped with it.
  var skipped: String?
  /// What the device model said of a disk or a network interface that failed.
  var deviceFailure: String?
  /// Where the legs' memory lay after the last window; nil where nothing ran.
  var memory: MemoryRecord?
  /// Noise of the whole session, for legs without a window of their own.
  var noise: Noise?
  /// Figures of the `boot` workload.
  var boot: BootFigures?
  /// Those of many at once.
  var crowd: CrowdFigures?
  /// Figures of a workload under Linux.
  var linux: LinuxFigures?
  /// The turns that the session's leg took; nil where it took none.
  var turns: TurnsTaken?

  /// The job numbers with an answer.
  public var answered: Set<UInt32> { Set(results.keys) }
  /// Whether the session came to run at all.
  public var isSkipped: Bool { skipped != nil }

  public static func skipped(_ reason: String) -> SessionOutcome { SessionOutcome(skipped: reason) }
  static func failed(_ reason: String) -> SessionOutcome { SessionOutcome(failure: reason) }
  /// - Parameter failure: nil where nothing went wrong.
  public static func ended(_ failure: String?) -> SessionOutcome { SessionOutcome(failure: failure) }
}

/// What the threads of a leg used between its two markers.
public struct WindowUse: Codable, Sendable {
  /// CPU nanoseconds of the workload's thread.
  public var workload: UInt64
  /// CPU nanoseconds of the I/O thread, or of the process that has it, where there is one.
  var io: UInt64?
  /// Times that the workload's thread lost its CPU.
  var involuntarySwitches: UInt64
  var noise: Noise?
  /// KVM's own counts, less the exit of the closing marker; empty on machines whose KVM statistics are not ours to read.
  public var statistics: [String: UInt64] = [:]
  /// Units of those that are no plain counts.
  public var units: [String: String] = [:]
  /// Counts of other machines and modes that this one cannot have, with the reason.
  public var uncounted: [String: String] = [:]
  /// What the leg's perf events counted.
  public var events: [OpenCounters.Key: PerfReading] = [:]

  /// Adds what the threads and their perf events used in a later window of the same leg.
  mutating func add(_ later: WindowUse) {
    workload &+= later.workload
    if let more = later.io { io = (io ?? 0) &+ more }
    involuntarySwitches &+= later.involuntarySwitches
    for (key, reading) in later.events { events[key] = events[key]?.adding(reading) ?? reading }
  }
}

/// Figures of one boot.
struct BootFigures: Codable, Sendable {
  /// Nanoseconds from creating the machine to the first and to the last record.
  var first: UInt64
  var last: UInt64
  /// When the creation began, on `MonotonicClock`, which all processes share.
  var began: UInt64 = 0
  /// Bytes of memory that the monitor's process holds beyond guest RAM; nil where they could not be read.
  var resident: UInt64?
  var proportional: UInt64?
}

/// Figures of many boots, each in a process of its own.
struct CrowdFigures: Sendable {
  /// Nanoseconds from the first process's creation to the last first record.
  var elapsed: UInt64
  /// By guest, nanoseconds from its process's creation to its first record.
  var times: [UInt64]
}
