#if !hasFeature(Embedded)
  import ProbeABI

  /// What the host expects in a result's checksum.
  ///
  /// Computed independently of the kernel: `memory.copy`, `memory.triad`, `memory.latency`, `memory.touch` (closed
  /// forms of seed and place), `block.*` (the request sequence and the pattern, without a device). Computed by the
  /// same kernel source, compiled for the host: `cpu.integer`, `cpu.float`, `cpu.branch`, and `cpu.sha256`, whose
  /// function has its own tests against FIPS 180-4. `net.*` have none (0): both ends verify every frame by itself.
  extension KernelWorkload {
    /// The workload with this name in job texts; nil when there is none, as for the guest-only ones.
    public init?(named name: String) {
      for index in 0..<KernelWorkload.count {
        if let workload = KernelWorkload(rawValue: index), workload.name.description == name {
          self = workload
          return
        }
      }
      return nil
    }

    /// All workloads that guest and native machine share.
    public static var all: [KernelWorkload] { (0..<count).compactMap { KernelWorkload(rawValue: $0) } }

    /// The checksum of one batch of the workload. Takes as long as the batch does; for `block.*`, about 5 ns a request.
    ///
    /// A guest may claim any number of operations: what would take the host longer than `mostSeconds` is no answer, and is not
    /// computed.
    /// - Parameters:
    ///   - result: its `values` say how large the batch was; for `memory.*` also the working set.
    ///   - job: the job's number.
    ///   - seed: the job's seed.
    ///   - parameters: the job's parameters.
    ///   - capacity: bytes of the block device; only for `block.*`.
    ///   - shares: operations of each worker, where several shared the work.
    /// - Returns: nil when the result's values make no sense for the workload.
    public func referenceChecksum(
      result: nm_result, job: UInt32, seed: UInt64, parameters: [String: UInt64], capacity: UInt64 = 0,
      shares: [UInt64] = []
    ) -> UInt64? {
      if isNet { return 0 }
      let operations = result.values.0
      guard operations >= 1, operations < 1 << 40 else { return nil }
      switch self {
      case .cpuInteger:
        var workload = CPUInteger(seed: seed)
        return KernelWorkload.repeated(operations) { workload.run($0) }
      case .cpuFloat:
        var workload = CPUFloat(seed: seed)
        return KernelWorkload.repeated(operations) { workload.run($0) }
      case .cpuSHA256:
        return KernelWorkload.withMemory(CPUSHA256.memorySize) { memory in
          var workload = CPUSHA256(seed: seed, memory: memory)
          return KernelWorkload.repeated(operations) { workload.run($0) }
        }
      case .cpuBranch:
        return KernelWorkload.withMemory(CPUBranch.programSize) { memory in
          var workload = CPUBranch(seed: seed, memory: memory)
          return KernelWorkload.repeated(operations) { workload.run($0) }
        }
      case .memoryCopy: return KernelWorkload.copyChecksum(seed: seed, workingSet: result.values.2)
      case .memoryTriad: return KernelWorkload.triadChecksum(seed: seed, workingSet: result.values.2)
      case .memoryLatency:
        let lines = result.values.2 / MemoryLatency.lineSize
        return lines < 2 ? nil : MemoryLatency.checksum(seed: seed, distance: operations % lines)
      case .memoryTouch:
        return KernelWorkload.repeated(operations) { pages in
          (0..<pages).reduce(into: 0) { sum, page in sum = fold(sum, MemoryTouch.word(seed, page)) }
        }
      default:
        let workers = parameters["vcpus"] ?? 1
        let shares = workers == 1 && shares.isEmpty ? [operations] : shares
        guard UInt64(shares.count) == workers, Self.sum(shares) == operations else { return nil }
        if parameters["verify"] == 0 { return 0 }
        var checksum: UInt64 = 0
        for (worker, operations) in shares.enumerated() {
          guard let (kind, isRandom) = blockPlan,
            let plan = BlockPlan(
              kind: kind, isRandom: isRandom, capacity: capacity, blockSize: parameters["bs"] ?? 4096,
              seed: BlockPlan.seed(seed, worker: UInt64(worker))),
            let share = KernelWorkload.repeated(
              operations,
              { requests in
                plan.checksum(operations: requests, diskSeed: parameters["diskseed"] ?? 0, jobSeed: seed, job: job)
              })
          else { return nil }
          checksum &+= share
        }
        return checksum
      }
    }

    /// The sum of what a guest claims; nil where it is more than fits.
    private static func sum(_ shares: [UInt64]) -> UInt64? {
      var sum: UInt64 = 0
      for share in shares {
        let (next, isOver) = sum.addingReportingOverflow(share)
        if isOver { return nil }
        sum = next
      }
      return sum
    }

    /// Longest that computing one answer's checksum again may take, as far as that can be told beforehand.
    private static let mostSeconds = 20.0

    /// Does the work of a batch again, each time from its start.
    /// - Returns: nil where so many operations would take too long, judged by how long fewer of them take.
    private static func repeated(_ operations: UInt64, _ run: (UInt64) -> UInt64) -> UInt64? {
      let clock = ContinuousClock()
      var few = min(operations, 64)
      while true {
        let start = clock.now
        let checksum = run(few)
        if few == operations { return checksum }
        let seconds = (clock.now - start) / .seconds(1)
        // Shorter ones say too little: what comes first is slow.
        if seconds >= 0.001, seconds * (Double(operations) / Double(few)) > mostSeconds { return nil }
        few = seconds >= 0.001 ? operations : min(operations, few * 2)
      }
    }

    /// What a block workload's plan asks for; nil for all others.
    private var blockPlan: (kind: BlockPlan.Kind, isRandom: Bool)? {
      switch self {
      case .blockRead: (.reads, false)
      case .blockWrite: (.writes, false)
      case .blockRandRead, .blockRate: (.reads, true)
      case .blockRandWrite, .blockFlush: (.writes, true)
      case .blockMixed: (.mixed, true)
      default: nil
      }
    }

    private static func copyChecksum(seed: UInt64, workingSet: UInt64) -> UInt64? {
      let units = workingSet / 2 / 16
      guard units >= 1 else { return nil }
      let samples = MemorySamples(seed: seed, elements: units)
      return (0..<MemorySamples.count).reduce(into: 0) { sum, sample in
        let word = UInt64(samples.element(sample)) * 2
        sum = fold(fold(sum, MemoryCopy.word(seed, word)), MemoryCopy.word(seed, word + 1))
      }
    }

    private static func triadChecksum(seed: UInt64, workingSet: UInt64) -> UInt64? {
      let pairs = workingSet / 24 / 2
      guard pairs >= 1 else { return nil }
      let samples = MemorySamples(seed: seed, elements: pairs)
      return (0..<MemorySamples.count).reduce(into: 0) { sum, sample in
        for lane in 0..<2 {
          let element = UInt64(samples.element(sample) * 2 + lane)
          let value = MemoryTriad.element(seed, element) + 3 * MemoryTriad.element(~seed, element)
          sum = fold(sum, value.bitPattern)
        }
      }
    }

    private static func withMemory(_ bytes: UInt64, _ body: (Region) -> UInt64?) -> UInt64? {
      let memory = UnsafeMutableRawPointer.allocate(byteCount: Int(bytes), alignment: 4096)
      defer { unsafe memory.deallocate() }
      return body(Region(address: UInt64(UInt(bitPattern: memory)), count: bytes))
    }
  }
#endif
