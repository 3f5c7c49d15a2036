import Counters
import KVM
import Probe
import Results
import Topology

/// What every session of a run shares.
public struct RunContext: Sendable {
  public var suite: Suite
  public let image: ProbeImage
  /// CPU of the workload: native thread or vCPU.
  public private(set) var workloadCPU: Int
  /// CPU of I/O threads and of a second vCPU; nil on a host with one CPU.
  public private(set) var ioCPU: Int?
  /// TSC ticks a millisecond.
  public let tscFrequency: UInt64
  /// Path of QEMU; nil where it is not installed.
  public let qemu: String?
  /// What block workloads use; nil in a suite without any, and where it could not be made.
  let disk: RunDisk?
  /// Why it could not be made: the reason of every leg that needs it.
  let diskProblem: String?
  /// Perf events that legs count.
  var counters: [CounterGroup] = []
  /// What the markers add to a guest's counts; nil to keep that in.
  var markerCost: MarkerCost? = .assumed
  /// Ends whatever runs when the user asks.
  let interruption: Interruption
  /// What slows the legs of the `nearmetal` machine on purpose; nil in every run that measures the host.
  private(set) var injection: Injection?
  /// Pages and node of every leg's memory.
  private(set) var memory: MemoryPlan
  /// The node for a disk that is a piece of memory; nil leaves it to the kernel.
  let deviceNode: Int?
  /// Sees what disturbs the legs.
  let noise: NoiseWatch

  /// What sessions at a place share.
  /// - Parameters:
  ///   - suite: with a place for each workload where it is a matrix of nodes.
  ///   - disk: what block workloads use, or why it could not be made.
  init(
    _ suite: Suite, _ image: ProbeImage, _ place: Place, disk: (disk: RunDisk?, problem: String?) = (nil, nil),
    qemu: String? = nil, _ interruption: Interruption
  ) {
    self.suite = suite
    self.image = image
    (workloadCPU, ioCPU) = (place.vcpu, place.io)
    tscFrequency = Run.tscFrequency()
    self.qemu = qemu
    (self.disk, diskProblem) = disk
    self.interruption = interruption
    memory = place.memory
    deviceNode = place.askedDevice
    noise = NoiseWatch(legs: place.cpus(of: suite), allowed: place.allowed, topology: place.topology)
  }

  /// The same with the CPUs and the node that a workload has of its own, where it has some.
  func placed(for entry: Suite.Entry?) -> RunContext {
    guard let nodes = entry?.nodes else { return self }
    var context = self
    (context.workloadCPU, context.ioCPU) = (nodes.vcpu, nodes.io)
    context.memory = MemoryPlan(pages: memory.pages, node: nodes.memory, nodeCount: memory.nodeCount)
    return context
  }

  /// The same, slowed on purpose; nil for no slowdown.
  func slowed(by injection: InjectionRecord?) -> RunContext {
    var context = self
    context.injection = injection.map { Injection(record: $0, tscFrequency: tscFrequency) }
    return context
  }

  /// A leg's parameters as the probe gets them: a disk workload also learns the disk's content and whether to wait for
  /// completions by interrupts or to poll for them. Natively it polls: the fastest that a host thread can do is the reference.
  func parameters(_ leg: PlannedLeg) -> [String: UInt64] {
    var values = leg.entry.values
    if let injection, injection.reaches(leg), let delay = injection.guestDelay { values["delay"] = delay }
    let waits = leg.path.mode != .polled && leg.path.mode != .native
    switch WorkloadCatalog[leg.entry.workload]?.kind {
    case .block: break
    case .net:
      values["wait"] = waits ? 1 : 0
      if leg.entry.parameters["direction"] == "receive" { values["direction"] = 1 }
      return values
    default: return values
    }
    var more = ["diskseed": disk?.seed ?? 0, "wait": waits ? UInt64(1) : 0]
    if leg.entry.parameters["backing"] == "null" { more["verify"] = 0 }
    return values.merging(more) { first, _ in first }
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
