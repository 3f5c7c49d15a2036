import Definitions
import Results
import Storage

/// What a deliberate slowdown does to the legs of a run. One by nothing has the same clocks read and waits for nothing.
public struct Injection: Sendable {
  public let record: InjectionRecord
  /// TSC ticks a millisecond.
  let tscFrequency: UInt64

  /// No request waits longer, whatever a share amounts to: nanoseconds.
  private static let longestWait = 10_000_000.0

  /// For the disk of a leg that is reached.
  var diskDelay: InjectedDelay? {
    let longest = ticks(Self.longestWait)
    switch record.kind {
    case .ioDelay: return InjectedDelay(.ticks(ticks(record.amount)), longest: max(longest, ticks(record.amount)))
    case .ioSlow: return InjectedDelay(.share(millionths: UInt64(record.amount * 1e4)), longest: longest)
    case .exitDelay, .guestDelay, .extraExits: return nil
    }
  }

  /// TSC ticks after each exit that user space answered.
  var exitDelay: UInt64 { record.kind == .exitDelay ? ticks(record.amount) : 0 }

  /// TSC ticks in each operation, as the probe's `delay` parameter.
  var guestDelay: UInt64? { record.kind == .guestDelay ? max(1, ticks(record.amount)) : nil }

  /// Exits to the monitor in each request, as the probe's `extra` parameter.
  var extraExits: UInt64? { record.kind == .extraExits && record.amount > 0 ? UInt64(record.amount) : nil }

  private func ticks(_ nanoseconds: Double) -> UInt64 {
    UInt64((nanoseconds * Double(tscFrequency) / 1e6).rounded())
  }
}
