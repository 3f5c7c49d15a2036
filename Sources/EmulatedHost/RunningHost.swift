import Glibc
import LinuxSystem

/// An emulated host that runs its command; it ends with its owner.
public struct RunningHost: ~Copyable {
  private let process: ChildProcess
  /// On `MonotonicClock`: the machinery's own limits are shorter.
  private let deadline: UInt64

  init(_ process: consuming ChildProcess, deadline: UInt64) {
    self.process = process
    self.deadline = deadline
  }

  /// What a command that came to its end left.
  public struct Outcome: Sendable {
    public let status: Int32
    public let output: String
    /// The last line on standard error: the machinery's or the command's.
    public let complaint: String
  }

  /// Waits for the command's end.
  /// - Parameter isCancelled: asked about ten times a second; the host is then stopped.
  public consuming func finish(isCancelled: () -> Bool) throws(EmulatedHostError) -> Outcome {
    var bytes: [UInt8] = []
    let hasEnded = unsafe process.drain(until: deadline, isCancelled: isCancelled) {
      unsafe bytes.append(contentsOf: $0)
    }
    guard hasEnded else {
      let wasCancelled = isCancelled()
      // It ends the emulator and removes what it made.
      kill(process.pid, SIGTERM)
      _ = unsafe process.drain(until: MonotonicClock.now + 10_000_000_000) { _ in }
      throw wasCancelled ? .interrupted : .incomplete("the emulated host was given up: it outlasted its own limits")
    }
    guard let status = process.exitStatus else { throw .incomplete(process.epitaph()) }
    return Outcome(status: status, output: String(decoding: bytes, as: UTF8.self), complaint: process.complaint())
  }

  /// What a status of the machinery's means where the command left nothing that would say more.
  public static func failure(_ outcome: Outcome) -> EmulatedHostError {
    let line = outcome.complaint.isEmpty ? "the emulated host ended with status \(outcome.status)" : outcome.complaint
    switch outcome.status {
    case 64: return .usage(line)
    case 69: return .unavailable(line)
    default: return .incomplete(line)
    }
  }
}
