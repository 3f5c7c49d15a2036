import Network
import Results

/// Plans and runs: which workloads there are, which legs a suite means, on which machines they run, and what becomes of
/// their figures.
///
/// One workload as suites and lists know it.
public struct WorkloadDescription: Sendable {
  /// What kind of figures a workload gives.
  public enum Kind: String, Sendable, CaseIterable {
    /// Operations a second; one operation is one step of the kernel.
    case compute
    /// Bytes a second.
    case bandwidth
    /// Nanoseconds an access, measured over batches.
    case latency
    /// Nanoseconds an operation, each timed alone.
    case operations
    /// What it costs to leave the guest; there is nothing native to compare it with.
    case exits
    /// From creating a machine to its records.
    case boot
    /// Input and output of a disk.
    case block
    /// Frames through a network interface.
    case net
  }

  public let id: String
  public let kind: Kind
  /// One sentence.
  public let summary: String
  /// The parameters that it takes, by name.
  public let parameters: [String: WorkloadParameter]

  /// Machines and modes that the workload can run on.
  public var paths: [Path] {
    switch kind {
    case .compute, .bandwidth, .latency, .operations:
      [Path(.native, .native), Path(.nearmetal, .guest), Path(.qemu, .guest)]
    case .exits, .boot: [Path(.nearmetal, .guest), Path(.qemu, .guest)]
    case .block:
      [
        Path(.native, .native), Path(.nearmetal, .emulated), Path(.nearmetal, .paravirtual), Path(.nearmetal, .polled),
        Path(.qemu, .emulated), Path(.qemu, .paravirtual),
      ]
    case .net:
      [
        Path(.native, .native), Path(.nearmetal, .emulated), Path(.nearmetal, .paravirtual), Path(.nearmetal, .polled),
        Path(.nearmetal, .vhost), Path(.qemu, .emulated), Path(.qemu, .paravirtual),
      ]
    }
  }
}

/// A parameter of a workload.
public struct WorkloadParameter: Sendable {
  public let summary: String
  /// The words that it may be; nil for a number.
  public let choices: [String]?

  init(_ summary: String, choices: [String]? = nil) {
    self.summary = summary
    self.choices = choices
  }
}

/// A machine and the mode that a workload runs in on it.
public struct Path: Hashable, Sendable, CustomStringConvertible {
  public let machine: Results.Machine
  public let mode: Mode

  public init(_ machine: Results.Machine, _ mode: Mode) {
    self.machine = machine
    self.mode = mode
  }

  public var description: String { machine == .native ? "native" : "\(machine.rawValue) \(mode.rawValue)" }
}

/// Every workload there is.
public enum WorkloadCatalog {
  public static let all: [WorkloadDescription] = compute + memory + block + net + exits + boot

  public static subscript(_ id: String) -> WorkloadDescription? { byID[id] }

  private static let byID = Dictionary(all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

  private static let compute: [WorkloadDescription] = [
    .init(.compute, "cpu.integer", "64-bit multiplications, rotations and additions in four dependent chains"),
    .init(.compute, "cpu.float", "double-precision arithmetic with SSE2, bit for bit reproducible"),
    .init(.compute, "cpu.sha256", "SHA-256 of 8 KiB an operation"),
    .init(.compute, "cpu.branch", "a small interpreter with branches that no predictor knows"),
  ]

  private static let workingSet = ["size": WorkloadParameter("working set in bytes")]
  private static let memory: [WorkloadDescription] = [
    .init(.bandwidth, "memory.copy", "copies memory; bytes read and bytes written both count", workingSet),
    .init(.bandwidth, "memory.triad", "STREAM's triad on doubles", workingSet),
    .init(.latency, "memory.latency", "dependent loads along a random cycle of cache lines", workingSet),
    .init(
      .operations, "memory.touch", "first touch of a page that nobody has touched",
      ["pages": WorkloadParameter("4 KiB pages to touch")]),
  ]

  private static let blockParameters: [String: WorkloadParameter] = [
    "backing": WorkloadParameter("what holds the disk's bytes", choices: ["null", "memory", "file", "direct"]),
    "bs": WorkloadParameter("bytes of a request"),
    "qd": WorkloadParameter("requests in flight"),
    "transfer": WorkloadParameter("how an emulated disk moves data", choices: ["dma", "pio"]),
    "transport": WorkloadParameter("the bus of a virtio disk", choices: ["mmio", "pci"]),
    "ring": WorkloadParameter("the format of virtqueues", choices: ["split", "packed"]),
  ]
  private static let block: [WorkloadDescription] = [
    .init(.block, "block.randread", "reads at random places", blockParameters),
    .init(.block, "block.randwrite", "writes at random places", blockParameters),
    .init(.block, "block.read", "reads in sequence", blockParameters),
    .init(.block, "block.write", "writes in sequence", blockParameters),
    .init(.block, "block.mixed", "reads (70 %) and writes (30 %) at random places", blockParameters),
    .init(.block, "block.flush", "a flush after each write", blockParameters),
    .init(
      .block, "block.rate", "random reads at a fixed rate, each timed from when it was due",
      blockParameters.merging(["rate": WorkloadParameter("operations a second")]) { first, _ in first }),
  ]

  private static let netParameters: [String: WorkloadParameter] = [
    "wire": WorkloadParameter("what the interface is attached to", choices: WireKind.allCases.map(\.rawValue)),
    "size": WorkloadParameter("bytes of a frame, without its frame check sequence"),
    "credit": WorkloadParameter("frames on their way in one direction, at most"),
    "transport": WorkloadParameter("the bus of a virtio interface", choices: ["mmio", "pci"]),
    "ring": WorkloadParameter("the format of virtqueues", choices: ["split", "packed"]),
  ]
  private static func netParameters(_ more: [String: WorkloadParameter]) -> [String: WorkloadParameter] {
    netParameters.merging(more) { first, _ in first }
  }
  private static let net: [WorkloadDescription] = [
    .init(.net, "net.transmit", "sends frames, as many as the far end confirms", netParameters),
    .init(.net, "net.receive", "receives frames, as many as it grants the far end", netParameters),
    .init(
      .net, "net.bulk", "moves data in TCP segments of 64 KiB where the device cuts them, else in full frames",
      netParameters(["direction": WorkloadParameter("which way", choices: ["transmit", "receive"])])),
    .init(.net, "net.bidirectional", "sends and receives frames at once", netParameters),
    .init(.net, "net.pingpong", "one frame to the far end and back at a time, each timed", netParameters),
    .init(
      .net, "net.rate", "frames to the far end and back at a fixed rate, each timed from when it was due",
      netParameters([
        "rate": WorkloadParameter("frames a second"),
        "load": WorkloadParameter("instead of rate: percent of what the same leg's warm-up had sent back at most"),
      ])),
  ]

  private static let boot: [WorkloadDescription] = [
    .init(.boot, "boot", "from creating a machine to the probe's first and last record, and the memory it takes")
  ]

  private static let exits: [WorkloadDescription] = [
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
    ("pio.doorbell", "writes a port that ends at an eventfd"),
    ("pio.doorbell.match", "writes a port that ends at an eventfd for one value only"),
    ("mmio.doorbell", "writes a register that ends at an eventfd"),
    ("mmio.doorbell.match", "writes a register that ends at an eventfd for one value only"),
    ("ipi.self", "an interrupt to itself"),
    ("ipi.spin", "an interrupt to a vCPU that spins"),
    ("ipi.halt", "an interrupt to a vCPU that has halted"),
    ("irqfd", "an interrupt from a host thread by irqfd to a vCPU that spins"),
    ("irqfd.halt", "an interrupt from a host thread by irqfd to a vCPU that has halted"),
    ("timer.deadline", "how late the TSC-deadline timer is taken"),
    ("timer.oneshot", "how late the LAPIC's one-shot timer is taken"),
    ("halt.wake", "how late a timer wakes a vCPU that has halted"),
  ].map { .init(.exits, "exits.\($0.0)", $0.1) }
}

extension WorkloadDescription {
  init(_ kind: Kind, _ id: String, _ summary: String, _ parameters: [String: WorkloadParameter] = [:]) {
    self.init(id: id, kind: kind, summary: summary, parameters: parameters)
  }
}
