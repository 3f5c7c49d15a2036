import KVM
import Probe
import Results
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
  /// What block workloads use; nil in a suite without any, and where it could not be made.
  let disk: RunDisk?
  /// Why it could not be made: the reason of every leg that needs it.
  let diskProblem: String?
  /// Ends whatever runs when the user asks.
  let interruption: Interruption

  /// A leg's parameters as the probe gets them: a disk workload also learns the disk's content and whether to wait for
  /// completions by interrupts or to poll for them. Natively it polls: the fastest that a host thread can do is the reference.
  func parameters(_ leg: PlannedLeg) -> [String: UInt64] {
    let waits = leg.path.mode != .polled && leg.path.mode != .native
    switch WorkloadCatalog[leg.entry.workload]?.kind {
    case .block: break
    case .net:
      var values = leg.entry.values
      values["wait"] = waits ? 1 : 0
      if leg.entry.parameters["direction"] == "receive" { values["direction"] = 1 }
      return values
    default: return leg.entry.values
    }
    var more = ["diskseed": disk?.seed ?? 0, "wait": waits ? UInt64(1) : 0]
    if leg.entry.parameters["backing"] == "null" { more["verify"] = 0 }
    return leg.entry.values.merging(more) { first, _ in first }
  }

  /// The job text of a session.
  func jobText(_ session: Session) -> [UInt8] {
    let jobs = session.legs.filter { $0.entry.workload != "boot" }.map { leg in
      ProbeJob(
        number: leg.job, workload: leg.entry.workload, seed: leg.seed, warmup: suite.warmup, window: suite.window,
        parameters: parameters(leg))
    }
    return ProbeJob.text(jobs, tscFrequency: tscFrequency)
  }

  /// Nanoseconds that a session may take: ten times its windows, and ten seconds.
  func patience(_ session: Session) -> UInt64 {
    10_000_000_000 + UInt64(session.legs.count) * 10 * (suite.warmup + suite.window)
  }
}
