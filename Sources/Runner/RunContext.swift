import KVM
import Probe
import Topology

/// What every session of a run shares.
public struct RunContext: Sendable {
  public let suite: Suite
  public let image: ProbeImage
  /// CPU of the workload: native thread or vCPU.
  public let workloadCPU: Int
  /// CPU of I/O threads and of a second vCPU; nil on a host with one CPU.
  public let ioCPU: Int?
  /// TSC ticks a millisecond.
  public let tscFrequency: UInt64
  /// Path of QEMU; nil where it is not installed.
  public let qemu: String?
  /// Ends whatever runs when the user asks.
  let interruption: Interruption

  /// The job text of a session, jobs numbered from 1 in the order of its legs.
  func jobText(_ session: Session) -> [UInt8] {
    let jobs = session.legs.enumerated().filter { $0.element.entry.workload != "boot" }.map { index, leg in
      ProbeJob(
        number: UInt32(index + 1), workload: leg.entry.workload, seed: leg.seed, warmup: suite.warmup,
        window: suite.window, parameters: leg.entry.values)
    }
    return ProbeJob.text(jobs, tscFrequency: tscFrequency)
  }

  /// Nanoseconds that a session may take: ten times its windows, and ten seconds.
  func patience(_ session: Session) -> UInt64 {
    10_000_000_000 + UInt64(session.legs.count) * 10 * (suite.warmup + suite.window)
  }
}
