import ProbeABI

/// The table of the workloads that guest and native machine share.
public enum KernelWorkload: UInt8, Sendable {
  case cpuInteger, cpuFloat, cpuSHA256, cpuBranch
  case memoryCopy, memoryTriad, memoryLatency, memoryTouch
  case blockRead, blockWrite, blockRandRead, blockRandWrite, blockMixed, blockFlush, blockRate
  case netTransmit, netReceive, netBulk, netBidirectional, netPingPong, netRate

  /// Number of workloads; raw values run from 0 up to, not including, this.
  public static var count: UInt8 { 21 }

  /// The name in job texts, suites and results.
  public var name: StaticString {
    switch self {
    case .cpuInteger: "cpu.integer"
    case .cpuFloat: "cpu.float"
    case .cpuSHA256: "cpu.sha256"
    case .cpuBranch: "cpu.branch"
    case .memoryCopy: "memory.copy"
    case .memoryTriad: "memory.triad"
    case .memoryLatency: "memory.latency"
    case .memoryTouch: "memory.touch"
    case .blockRead: "block.read"
    case .blockWrite: "block.write"
    case .blockRandRead: "block.randread"
    case .blockRandWrite: "block.randwrite"
    case .blockMixed: "block.mixed"
    case .blockFlush: "block.flush"
    case .blockRate: "block.rate"
    case .netTransmit: "net.transmit"
    case .netReceive: "net.receive"
    case .netBulk: "net.bulk"
    case .netBidirectional: "net.bidirectional"
    case .netPingPong: "net.pingpong"
    case .netRate: "net.rate"
    }
  }

  /// The name of one of the four `values` of the workload's result; empty when the value is not used.
  public func valueName(_ index: Int) -> StaticString {
    if isNet { return NetWorkload.valueName(index) }
    return switch (index, self) {
    case (0, _): "operations per batch"
    case (1, _): "batches"
    case (2, .memoryCopy), (2, .memoryTriad), (2, .memoryLatency): "working set in bytes"
    case (2, .memoryTouch): "ticks of an empty timing"
    case (2, .blockRate): "requests missed"
    case (3, .blockRate): "requests late"
    default: ""
    }
  }

  /// Whether it is one of the net workloads.
  public var isNet: Bool { rawValue >= KernelWorkload.netTransmit.rawValue }

  init?(named name: ByteSlice) {
    for index in 0..<KernelWorkload.count {
      if let workload = KernelWorkload(rawValue: index), name.equals(workload.name) {
        self = workload
        return
      }
    }
    return nil
  }

  /// Runs a job of this workload and answers it.
  func run(_ job: borrowing Job, _ context: inout JobContext) {
    switch self {
    case .cpuInteger: KernelWorkload.measure(CPUInteger(seed: job.seed), job, &context)
    case .cpuFloat: KernelWorkload.measure(CPUFloat(seed: job.seed), job, &context)
    case .cpuSHA256:
      guard let memory = context.carveScratch(CPUSHA256.memorySize) else { return }
      KernelWorkload.measure(CPUSHA256(seed: job.seed, memory: memory), job, &context)
    case .cpuBranch:
      guard let memory = context.carveScratch(CPUBranch.programSize) else { return }
      KernelWorkload.measure(CPUBranch(seed: job.seed, memory: memory), job, &context)
    case .memoryCopy: MemoryWorkloads.runCopy(job, &context)
    case .memoryTriad: MemoryWorkloads.runTriad(job, &context)
    case .memoryLatency: MemoryWorkloads.runLatency(job, &context)
    case .memoryTouch: MemoryTouch.run(job, &context)
    case .blockRead: BlockWorkload.run(job, &context, .reads, isRandom: false)
    case .blockWrite: BlockWorkload.run(job, &context, .writes, isRandom: false)
    case .blockRandRead: BlockWorkload.run(job, &context, .reads, isRandom: true)
    case .blockRandWrite: BlockWorkload.run(job, &context, .writes, isRandom: true)
    case .blockMixed: BlockWorkload.run(job, &context, .mixed, isRandom: true)
    case .blockFlush: BlockWorkload.run(job, &context, .writes, isRandom: true, loop: .flush)
    case .blockRate: BlockWorkload.run(job, &context, .reads, isRandom: true, loop: .open)
    case .netTransmit: NetWorkload.run(job, &context, .transmit)
    case .netReceive: NetWorkload.run(job, &context, .receive)
    case .netBulk: NetWorkload.run(job, &context, .bulk)
    case .netBidirectional: NetWorkload.run(job, &context, .bidirectional)
    case .netPingPong: NetWorkload.run(job, &context, .pingPong)
    case .netRate: NetWorkload.run(job, &context, .rate)
    }
  }

  private static func measure<Workload: BatchWorkload>(
    _ workload: Workload, _ job: borrowing Job, _ context: inout JobContext
  ) {
    var workload = workload
    guard let measurement = Meter.measure(&workload, job, &context) else { return }
    context.finish(measurement)
  }
}
