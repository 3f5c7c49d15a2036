import Results

/// Every workload there is. The probe runs them under the same names: a test holds its table against this one.
public enum WorkloadCatalog {
  public static let all: [WorkloadDefinition] = compute + memory + block + net + exits + boot + linux

  public static subscript(_ id: String) -> WorkloadDefinition? { byID[id] }

  /// Work of known size, which only the audit of the counters runs.
  public static let auditInstructions = WorkloadDefinition(
    .exits, "audit.instructions", "a loop of a known number of instructions",
    [ParameterDefinition("rounds", "rounds of the loop", .numbers(1...1 << 40), standard: "1000000", unit: "rounds")])

  /// A result with the workloads spelled as in another one: the same work may be written with parameters that hold anyway, or without.
  public static func respelled(_ result: RunResult, as other: RunResult) -> RunResult {
    let spellings = Dictionary(other.legs.map { (canonical($0.workload), $0.workload) }) { first, _ in first }
    var result = result
    for index in result.legs.indices {
      let workload = result.legs[index].workload
      result.legs[index].workload = spellings[canonical(workload)] ?? workload
    }
    return result
  }

  /// A workload without the parameters that say what holds anyway.
  static func canonical(_ workload: Workload) -> Workload {
    guard let definition = self[workload.id] else { return workload }
    return Workload(
      workload.id,
      workload.parameters.filter { name, value in
        definition.parameter(name)?.standard.map { ParameterValue($0) != value } ?? true
      })
  }

  /// A workload that is named in the program itself, the audit's own included.
  public static func known(_ id: String) -> WorkloadDefinition {
    guard let definition = id == auditInstructions.id ? auditInstructions : byID[id] else {
      preconditionFailure("\(id) is a workload")
    }
    return definition
  }

  private static let byID = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

  private static let compute: [WorkloadDefinition] = [
    .init(.compute, "cpu.integer", "64-bit multiplications, rotations and additions in four dependent chains"),
    .init(.compute, "cpu.float", "double-precision arithmetic with SSE2, bit for bit reproducible"),
    .init(.compute, "cpu.sha256", "SHA-256 of 8 KiB an operation"),
    .init(.compute, "cpu.branch", "a small interpreter with branches that no predictor knows"),
  ]

  /// A working set of one or more arrays.
  /// - Parameter least: the smallest in bytes: one unit of each array.
  private static func workingSet(least: UInt64) -> [ParameterDefinition] {
    [ParameterDefinition("size", "working set in bytes", .numbers(least...1 << 38), standard: "64MiB", unit: "bytes")]
  }
  private static let memory: [WorkloadDefinition] = [
    .init(
      .bandwidth, "memory.copy", "copies memory; bytes read and bytes written both count",
      workingSet(least: 2 * 4096)),
    .init(.bandwidth, "memory.triad", "STREAM's triad on doubles", workingSet(least: 3 * 4096)),
    .init(
      .latency, "memory.latency", "dependent loads along a random cycle of cache lines", workingSet(least: 2 * 64)),
    .init(
      .operations, "memory.touch", "first touch of a page that nobody has touched",
      [ParameterDefinition("pages", "4 KiB pages to touch", .numbers(1...1 << 32), standard: "8192", unit: "pages")]),
  ]

  private static let virtio = [
    ParameterDefinition(
      "transport", "the bus of a virtio device", VirtioSpecification.Transport.self, standard: .mmio),
    ParameterDefinition("ring", "the format of virtqueues", VirtioSpecification.Ring.self, standard: .split),
  ]

  private static let blockParameters =
    [
      ParameterDefinition(
        "backing", "what holds the disk's bytes", DiskSpecification.Backing.self, standard: .direct),
      ParameterDefinition(
        "format", "the format of the file that holds the disk", DiskSpecification.Format.self, standard: .raw),
      ParameterDefinition(
        "allocated", "which of the disk's blocks an image has itself; its parent has the others until they are written",
        DiskSpecification.Allocation.self, standard: .all),
      ParameterDefinition(
        "bs", "bytes of a request", .numbers(512...1 << 20, step: 512), standard: "4KiB", unit: "bytes"),
      ParameterDefinition(
        "qd", "requests in flight, in each queue", .numbers(1...1024), standard: "1", unit: "requests"),
      ParameterDefinition(
        "transfer", "how an emulated disk moves data", DiskSpecification.Transfer.self, standard: .dma),
      ParameterDefinition(
        VirtioSpecification.queue,
        "most descriptors of a virtio disk's ring; 4, which polled mode has at qd 1, let a request cross as one cache line each way",
        .numbers(4...1024), unit: "descriptors"),
    ] + virtio
  /// Of work that several can share.
  private static let sharedParameters =
    blockParameters + [
      ParameterDefinition(
        Concurrency.queues, "queues of a virtio disk; no fewer than vcpus and iothreads", .numbers(1...64),
        standard: "1", unit: "queues"),
      ParameterDefinition(
        Concurrency.vcpus, "vCPUs that drive the queues by turns; natively threads that do the same work",
        .numbers(1...16), standard: "1", unit: "vCPUs"),
      ParameterDefinition(
        Concurrency.ioThreads, "threads that serve the queues by turns", .numbers(1...16), standard: "1",
        unit: "threads"),
    ]
  private static let block: [WorkloadDefinition] = [
    .init(.block, "block.randread", "reads at random places", sharedParameters),
    .init(.block, "block.randwrite", "writes at random places", sharedParameters, writes: true),
    .init(.block, "block.read", "reads in sequence", sharedParameters),
    .init(.block, "block.write", "writes in sequence", sharedParameters, writes: true),
    .init(.block, "block.mixed", "reads (70 %) and writes (30 %) at random places", sharedParameters, writes: true),
    .init(.block, "block.flush", "a flush after each write", blockParameters, writes: true),
    .init(
      .block, "block.rate", "random reads at a fixed rate, each timed from when it was due",
      blockParameters + [ParameterDefinition("rate", "operations a second", .numbers(1...10_000_000), unit: "1/s")],
      required: [["rate"]]),
  ]

  private static func netParameters(size: String, credit: String?) -> [ParameterDefinition] {
    [
      ParameterDefinition(
        "wire", "what the interface is attached to", NetSpecification.Wire.self, standard: .inprocess),
      ParameterDefinition(
        "size", "bytes of a frame, without its frame check sequence", .numbers(60...1514), standard: size, unit: "bytes"
      ),
      ParameterDefinition(
        "credit", "frames on their way in one direction, at most", .numbers(1...512), standard: credit, unit: "frames"),
    ] + virtio
  }
  private static let plainFrames = netParameters(size: "64", credit: "256")
  private static let net: [WorkloadDefinition] = [
    .init(.net, "net.transmit", "sends frames, as many as the far end confirms", plainFrames),
    .init(.net, "net.receive", "receives frames, as many as it grants the far end", plainFrames),
    .init(
      .net, "net.bulk", "moves data in TCP segments of 64 KiB where the device cuts them, else in full frames",
      netParameters(size: "1514", credit: nil) + [
        ParameterDefinition("direction", "which way", NetSpecification.Direction.self, standard: .transmit)
      ]),
    .init(.net, "net.bidirectional", "sends and receives frames at once", plainFrames),
    .init(.net, "net.pingpong", "one frame to the far end and back at a time, each timed", plainFrames),
    .init(
      .net, "net.rate", "frames to the far end and back at a fixed rate, each timed from when it was due",
      plainFrames + [
        ParameterDefinition("rate", "frames a second", .numbers(1...100_000_000), unit: "1/s"),
        ParameterDefinition(
          "load", "instead of rate: percent of what the same leg's warm-up had sent back at most", .numbers(1...1000),
          unit: "percent"),
      ], required: [["rate", "load"]]),
  ]

  private static let boot: [WorkloadDefinition] = [
    .init(.boot, "boot", "from creating a machine to the probe's first and last record, and the memory it takes"),
    .init(
      .boot, "guests.boot",
      "many guests, each started as soon as the one before it could be: how long until each has sent its first record",
      [
        ParameterDefinition(
          WorkloadDefinition.crowd, "how many guests, or processes that run the probe natively", .numbers(1...500),
          standard: "50")
      ]),
  ]

  private static let linuxDisk = ParameterDefinition(
    "backing", "what holds the disk's bytes on the host",
    .words([DiskSpecification.Backing.file, .direct].map(\.rawValue)),
    standard: DiskSpecification.Backing.direct.rawValue)
  private static let linux: [WorkloadDefinition] = [
    .init(
      .linux, WorkloadDefinition.linuxBoot,
      "an unmodified Linux, from creating a machine to its first process, and to where its job would begin"),
    .init(
      .linux, "linux.command", "a command of yours, run by a shell: how long it takes; $NEARMETAL_DISK names its disk",
      [
        ParameterDefinition(LinuxSpecification.command, "the command", .text(most: LinuxSpecification.longestCommand)),
        linuxDisk,
      ], required: [[LinuxSpecification.command]], writes: true),
    .init(
      .linux, "linux.fio", "jobs of fio's, by the same program on the host and in the guest, on the leg's disk",
      [
        ParameterDefinition(LinuxSpecification.jobFile, "the job file's path", .text(most: 1024)), linuxDisk,
      ], required: [[LinuxSpecification.jobFile]]),
    .init(
      .linux, WorkloadDefinition.linuxIperf,
      "TCP by iperf3, its client in the guest or on the host, its server behind the wire, for as long as a window, in whole seconds",
      [
        ParameterDefinition(
          "direction", "which way, as the client sees it", NetSpecification.Direction.self, standard: .transmit),
        ParameterDefinition(
          IperfSpecification.length, "bytes of a write to a connection", .numbers(64...1 << 20),
          standard: "\(IperfSpecification.usualLength >> 10)KiB", unit: "bytes"),
        ParameterDefinition(
          IperfSpecification.parallel, "connections at once", .numbers(1...64), standard: "1", unit: "connections"),
      ]),
    .init(
      .linux, WorkloadDefinition.linuxPerf, "a benchmark of perf's, on one processor of the guest or of the host",
      [
        ParameterDefinition(
          PerfSpecification.benchmark,
          "messages between groups of processes, a word to and fro between two, memory copied, memory filled",
          .words(PerfSpecification.Benchmark.allCases.map(\.rawValue))),
        ParameterDefinition(
          PerfSpecification.loops,
          "how often; 100 for sched-messaging, 100000 for sched-pipe, 20 for mem-* unless said",
          .numbers(1...1 << 30)),
        ParameterDefinition(
          PerfSpecification.groups, "of sched-messaging: groups of 20 senders and 20 receivers; 10 unless said",
          .numbers(1...100)),
        ParameterDefinition(
          PerfSpecification.size, "of mem-*: bytes at a time; 64MiB unless said", .numbers(4096...1 << 34),
          unit: "bytes"),
      ], required: [[PerfSpecification.benchmark]]),
  ]

  private static let exits: [WorkloadDefinition] = [
    ("cpuid", "the CPUID instruction"),
    ("hypercall", "a hypercall that nobody answers"),
    ("trap", "into the guest's own CPL 0 and back by an exception"),
    ("syscall", "into the guest's own CPL 0 and back by syscall and sysret"),
    ("msr.read", "reads IA32_TSC_ADJUST at CPL 0"),
    ("msr.write", "writes IA32_TSC_ADJUST at CPL 0"),
    ("msr.gsbase", "writes IA32_KERNEL_GS_BASE at CPL 0"),
    ("pagetable", "switches page tables by writing CR3 at CPL 0"),
    ("cr8.read", "reads the task priority through CR8 at CPL 0"),
    ("cr8.write", "writes the task priority through CR8 at CPL 0"),
    ("dr7", "writes a debug register at CPL 0"),
    ("pio.kernel", "reads a port that KVM answers in the kernel"),
    ("pio.user", "reads a port that the monitor answers in user space"),
    ("mmio.user", "reads a register that the monitor answers in user space"),
    ("pio.user.write", "writes a port that the monitor takes in user space"),
    ("mmio.user.write", "writes a register that the monitor takes in user space"),
    ("pio.doorbell", "writes a port that ends at an eventfd"),
    ("pio.doorbell.match", "writes a port that ends at an eventfd for one value only"),
    ("mmio.doorbell", "writes a register that ends at an eventfd"),
    ("mmio.doorbell.match", "writes a register that ends at an eventfd for one value only"),
    ("ipi.self", "an interrupt to itself"),
    ("ipi.spin", "an interrupt to a vCPU that spins"),
    ("ipi.halt", "an interrupt to a vCPU that has halted"),
    ("irqfd", "an interrupt from a host thread by irqfd to a vCPU that spins"),
    ("irqfd.halt", "an interrupt from a host thread by irqfd to a vCPU that has halted"),
    ("irqfd.wake", "an interrupt from a host thread by irqfd to a vCPU that halted 100 us ago"),
    ("irqfd.self", "a register write that the monitor answers with an interrupt by irqfd"),
    ("handoff", "a word to a host thread through shared memory, and its answer"),
    ("timer.deadline", "how late the TSC-deadline timer is taken"),
    ("timer.oneshot", "how late the LAPIC's one-shot timer is taken"),
    ("halt.wake", "how late a timer wakes a vCPU that has halted"),
  ].map { .init(.exits, "exits.\($0.0)", $0.1) }
}
