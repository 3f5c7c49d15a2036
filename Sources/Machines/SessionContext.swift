import Counters
import Definitions
import LinuxSystem
import Network
import Probe
import Results

/// What every session of a run shares.
public struct SessionContext: Sendable {
  /// Nanoseconds of every job: what is not counted, and what is.
  public var warmup: UInt64
  public var window: UInt64
  /// Nanoseconds that no leg measures longer, whatever its entry says.
  public var mostWindow = UInt64.max
  /// How legs take turns; nil while they run one after the other.
  public var turns: TurnPlan?
  /// Where a session that takes turns waits for them.
  var gate: TurnGate?
  /// Whether a boot is measured for the memory that it takes, and not for its times.
  var measuresFootprint = false
  /// How the session's process confines itself before the guest's first instruction; nil in a process that runs anything else.
  var confinement: Confinement?
  /// Takes the bytes of each record of the guest.
  var onRecord: (@Sendable ([UInt8]) -> Void)?
  /// Bytes of guest RAM, and of the native leg's arena.
  public var memoryBytes: UInt64
  public let image: ProbeImage
  public private(set) var cpus: LegCPUs
  /// Pages and node of every leg's memory.
  public private(set) var memory: MemoryPlan
  /// The node for a disk that is a piece of memory; nil leaves it to the kernel.
  public let deviceNode: Int?
  /// TSC ticks a millisecond.
  public internal(set) var tscFrequency: UInt64
  /// Path of QEMU; nil where it is not installed.
  let qemu: String?
  /// Path of QEMU's storage daemon; nil where it is not installed.
  let storageDaemon: String?
  /// What block workloads use.
  public let disk: DiskSupply
  /// What workloads under Linux use; nil in a suite without any.
  public var linux: LinuxSupply?
  /// The session's end of the wire to a server of the host's; nil where its work is with none.
  var nearEnd: AddressedWire.NearEnd?
  /// Perf events that legs count.
  public var counters: [CounterGroup] = []
  /// What the markers add to a guest's counts; nil to keep that in.
  public var markerCost: MarkerCost? = .assumed
  /// Ends whatever runs when the user asks.
  public var interruption: Interruption
  /// What slows the legs of the `nearmetal` machine on purpose; nil in every run that measures the host.
  public private(set) var injection: Injection?
  /// Sees what disturbs the legs.
  public let noise: NoiseWatch

  public init(
    _ suite: Suite, _ image: ProbeImage, cpus: LegCPUs, memory: MemoryPlan, deviceNode: Int? = nil,
    disk: DiskSupply = .none, noise: NoiseWatch, _ interruption: Interruption
  ) {
    (warmup, window, memoryBytes) = (suite.warmup, suite.window, suite.memory)
    self.image = image
    self.cpus = cpus
    self.memory = memory
    self.deviceNode = deviceNode
    tscFrequency = TSCFrequency.find()
    let folders = Environment.value("PATH") ?? ""
    qemu = QEMUProgram.find(QEMUProgram.system, in: folders)
    storageDaemon = QEMUProgram.find(QEMUProgram.storageDaemon, in: folders)
    self.disk = disk
    self.interruption = interruption
    self.noise = noise
  }

  /// The same with the CPUs and the node that a session has of its own, where it has some.
  public func placed(for session: Session) -> SessionContext {
    guard let own = session.placement else { return self }
    var context = self
    context.cpus = LegCPUs(workload: own.vcpu, io: own.io)
    context.memory = MemoryPlan(pages: memory.pages, node: own.memory, nodeCount: memory.nodeCount)
    return context
  }

  /// The same for one guest of many: on one of the run's CPUs, in their turn.
  func placed(guest number: Int) -> SessionContext {
    let all = [cpus.workload] + (cpus.io.map { [$0] } ?? [])
    var context = self
    context.cpus = LegCPUs(workload: all[number % all.count], io: nil)
    return context
  }

  /// The same, slowed on purpose; nil for no slowdown.
  public func slowed(by injection: InjectionRecord?) -> SessionContext {
    var context = self
    context.injection = injection.map { Injection(record: $0, tscFrequency: tscFrequency) }
    return context
  }

  /// The same, with everything that a slowdown is made of but the slowdown: what reading a clock costs is no part of it. Nil for
  /// no slowdown.
  public func unslowed(like injection: InjectionRecord?) -> SessionContext {
    slowed(by: injection.map { InjectionRecord($0.kind, amount: 0) })
  }

  /// Nanoseconds that a leg which takes no turns measures.
  func window(of leg: PlannedLeg) -> UInt64 { min(leg.entry.window ?? window, mostWindow) }

  /// Nanoseconds that a session may take: ten times its windows, and what a busy host needs to boot QEMU's PC.
  func patience(_ session: Session) -> UInt64 {
    // Who takes turns waits for all the others as well; the scheduler has deadlines of its own.
    if gate != nil { return Self.longestTurns }
    if session.linux != nil {
      return Self.linuxPatience + 10 * session.legs.reduce(0) { $0 + window(of: $1) }
    }
    return 20_000_000_000 + 10 * session.legs.reduce(0) { $0 + warmup + window(of: $1) }
  }

  /// What watches a window for noise; nil where legs take turns: a window is shorter then than what most of it is known by, and
  /// whoever grants the turns watches all of them.
  var windowNoise: NoiseWatch? { gate == nil ? noise : nil }

  /// Nanoseconds that booting Linux may take, and whatever its job takes at least.
  private static let linuxPatience: UInt64 = 300_000_000_000

  /// Nanoseconds that a session may last whose every turn has a deadline.
  private static let longestTurns: UInt64 = 24 * 3600 * 1_000_000_000

  /// Nanoseconds after which a leg whose turn it is has failed.
  var turnPatience: UInt64 { 10_000_000_000 + 10 * (warmup + window) }
}

/// The CPUs of a leg.
public struct LegCPUs: Sendable, Equatable {
  /// Of the workload: native thread or vCPU.
  public let workload: Int
  /// Of I/O threads and of a second vCPU; nil on a host with one CPU.
  public let io: Int?

  public init(workload: Int, io: Int?) {
    self.workload = workload
    self.io = io
  }
}
