import CLinux
import KVM
import LinuxSystem
import Probe
import ProbeABI
import Results
import SystemPackage
import Topology
import Verdicts

/// One run of a suite: the legs in the plan's order, then the comparisons.
public struct Run {
  /// What the caller decides.
  public struct Options: Sendable {
    public var seed: UInt64
    /// The command line, for the record.
    public var command: [String]
    public var tool: ToolRecord
    public var placement: PlacementPolicy
    /// A probe image other than the one that was built with the program.
    public var probe: String?
    /// Where the disk image of block workloads is made: a file system that has room and supports O_DIRECT.
    public var diskDirectory: String
    /// Claims that the run decides, where they speak of what it measures.
    public var claims: [Claim]

    public init(
      seed: UInt64, command: [String], tool: ToolRecord, placement: PlacementPolicy = .sameNode,
      probe: String? = nil, diskDirectory: String = "/var/tmp", claims: [Claim] = []
    ) {
      self.seed = seed
      self.command = command
      self.tool = tool
      self.placement = placement
      self.probe = probe
      self.diskDirectory = diskDirectory
      self.claims = claims
    }
  }

  private let plan: Plan
  private let context: RunContext
  private let host: HostDescription
  private let record: RunRecord
  private let claims: [Claim]

  /// Checks everything that can be checked before anything is measured.
  public init(_ suite: Suite, _ options: Options, _ interruption: Interruption) throws(RunError) {
    plan = Plan(suite, seed: options.seed)
    let image = try Self.image(options.probe)
    let cpus = try Self.place(options.placement)
    if suite.entries.contains(where: { $0.machines.contains(.nearmetal) }) { try Self.checkKVM() }
    let disk = Self.disk(suite, options)
    context = RunContext(
      suite: suite, image: image, workloadCPU: cpus.workload, ioCPU: cpus.io, tscFrequency: Self.tscFrequency(),
      qemu: QEMUMachine.find(in: Self.environment("PATH") ?? ""), disk: disk.disk,
      diskProblem: disk.problem, interruption: interruption)
    host = HostDescription()
    let now = WallClock.now
    claims = options.claims
    var record = RunRecord(
      id: "\(now.compact)-\(String(options.seed, radix: 16))", startedAt: now.text, suite: suite.name,
      seed: options.seed, blocks: suite.blocks, command: options.command, tool: options.tool, level: suite.level,
      buildConfiguration: .current)
    if suite.extend > 0 { record.extension = ExtensionRecord(blocks: suite.extend) }
    self.record = record
  }

  /// Runs every leg and compares them. An interruption ends it early with what there is.
  public func run(_ progress: Progress) -> RunResult {
    let start = MonotonicClock.now
    let assembler = LegAssembler(
      ticksPerNanosecond: Double(context.tscFrequency) / 1e6, diskCapacity: context.disk?.size ?? 0,
      time: plan.suite.warmup + plan.suite.window, memory: plan.suite.memory,
      parameters: context.parameters)
    var legs: [LegRecord] = []
    var order = 0
    var result = RunResult(run: record, host: host.record, legs: [])
    for session in plan.sessions {
      if let first = session.legs.first, let last = legs.last, first.block != last.block { order = 0 }
      if context.interruption.isRequested {
        result.run.interrupted = true
        break
      }
      if session.legs[0].block >= result.run.blocks {
        guard needsExtension(result, legs) else { break }
        result.run.blocks += plan.suite.extend
        result.run.extension?.isUsed = true
      }
      let elapsed = Double(MonotonicClock.now - start) / 1e9
      progress.report(step(legs.count, of: plan.legCount(blocks: result.run.blocks), elapsed, session))
      let outcome = run(session)
      if context.interruption.isRequested {
        // The session that was cut short measured nothing that could be compared.
        result.run.interrupted = true
        break
      }
      legs += assembler.legs(session, outcome, order: order, startedAt: elapsed)
      order += session.legs.count
    }
    result.legs = legs
    result.conclude(claims: claims)
    return result
  }

  private func run(_ session: Session) -> SessionOutcome {
    if session.block != nil, let problem = context.diskProblem ?? context.disk?.problem { return .failed(problem) }
    switch session.path.machine {
    case .native: return NativeMachine(context: context).run(session)
    case .nearmetal: return NearMetalMachine(context: context).run(session)
    case .qemu: return QEMUMachine(context: context).run(session)
    }
  }

  /// The one look before the last: whether the blocks so far leave a blocking claim undecided.
  private func needsExtension(_ result: RunResult, _ legs: [LegRecord]) -> Bool {
    var result = result
    result.legs = legs
    return result.run.buildConfiguration == .release && ClaimJudge.needsExtension(claims, result)
  }

  private func step(_ done: Int, of total: Int, _ elapsed: Double, _ session: Session) -> Progress.Step {
    let remaining = done == 0 ? nil : elapsed / Double(done) * Double(total - done)
    let what = session.legs.count == 1 ? session.legs[0].entry.workload : "\(session.legs.count) workloads"
    return Progress.Step(
      done: done, total: total, elapsed: elapsed, remaining: remaining, next: "\(what) on \(session.path)")
  }

  /// The run's name, unique on this host.
  public var identifier: String { record.id }
}

// MARK: Before anything is measured

extension Run {
  private static func image(_ path: String?) throws(RunError) -> ProbeImage {
    do throws(ProbeImageError) {
      if let path { return try ProbeImage(path: path) }
      return try ProbeImage.bundled()
    } catch { throw .probe(error) }
  }

  /// The disk image, where a workload needs one. A disk that cannot be made is the failure of the legs that need it.
  private static func disk(_ suite: Suite, _ options: Options) -> (disk: RunDisk?, problem: String?) {
    guard suite.entries.contains(where: { WorkloadCatalog[$0.workload]?.kind == .block }) else { return (nil, nil) }
    do throws(SystemError) {
      let path = diskPath(in: options.diskDirectory, process: getpid())
      return (try RunDisk(path: path, size: suite.disk, seed: options.seed), nil)
    } catch {
      return (nil, error.description)
    }
  }

  /// The disk image of a process's run, which removes it at its end.
  public static func diskPath(in directory: String, process: Int32) -> String {
    "\(directory)/nearmetal-disk-\(process).img"
  }

  private static func place(_ policy: PlacementPolicy) throws(RunError) -> (workload: Int, io: Int?) {
    do {
      let allowed = try CPUAffinity.allowed()
      if allowed.count == 1 { return (allowed[0], nil) }
      let placement = try Placement(policy, allowed: allowed, topology: CPUTopology())
      return (placement.vcpu, placement.io)
    } catch {
      throw .placement("\(error)")
    }
  }

  private static func checkKVM() throws(RunError) {
    do throws(SystemError) {
      let system = try System()
      let lacking = Capability.required.filter { system.check($0) == 0 }
      guard lacking.isEmpty else {
        throw SystemError(
          "run guests: KVM lacks \(lacking.map(\.rawValue).joined(separator: ", "))", .notSupported,
          advice: "A kernel of 5.4 or later has them.")
      }
    } catch { throw .kvm(error) }
  }

  /// What KVM says of the TSC, else what measuring it says.
  public static func tscFrequency() -> UInt64 {
    if let system = try? System(), let machine = try? system.createVirtualMachine(),
      let frequency = machine.tscFrequency()
    {
      return frequency
    }
    return MonotonicClock.tscFrequency()
  }

  private static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}

/// Why a run could not begin.
public enum RunError: Error, CustomStringConvertible, Sendable {
  case probe(ProbeImageError)
  case kvm(SystemError)
  case placement(String)

  public var description: String {
    switch self {
    case .probe(let error): error.description
    case .kvm(let error): error.description
    case .placement(let reason): reason
    }
  }
}
