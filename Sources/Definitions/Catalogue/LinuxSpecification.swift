import Results

/// What a workload under Linux does, and the disk or the network interface that it does it with.
public struct LinuxSpecification: Hashable, Sendable {
  public enum Job: Hashable, Sendable {
    /// Nothing: the boot is what is measured.
    case boot
    /// A line for a shell.
    case command(String)
    /// fio, with the job file of this path.
    case fio(jobFile: String)
    /// iperf3, its client.
    case iperf3(IperfSpecification)
    /// A benchmark of perf's.
    case perf(PerfSpecification)

    /// The program that the job is; nil where it is none that is known.
    public var tool: LinuxTool? {
      switch self {
      case .boot, .command: nil
      case .fio: .fio
      case .iperf3: .iperf3
      case .perf: .perf
      }
    }
  }

  static let command = "cmd"
  static let jobFile = "jobfile"
  /// Bytes. What is longer belongs into a script, which guests carry by `ci/linux-guest --file`.
  static let longestCommand = 200

  public let job: Job
  /// Nil where it has none.
  public let disk: DiskSpecification?
  public let net: NetSpecification?

  /// - Parameter workload: one of the catalogue's kind `linux`, with parameters that its definition allows.
  init(_ workload: Workload) {
    switch workload.id {
    case WorkloadDefinition.linuxIperf:
      (job, disk) = (.iperf3(IperfSpecification(workload)), nil)
      var net = NetSpecification(workload)
      net.wire = .tap
      // As an operating system finds it by itself; a disk too.
      net.virtio.transport = .pci
      self.net = net
    case WorkloadDefinition.linuxPerf:
      (job, disk, net) = (.perf(PerfSpecification(workload)), nil, nil)
    default:
      var disk = DiskSpecification(workload)
      disk.virtio.transport = .pci
      if let command = workload[Self.command] {
        job = .command(command.text)
      } else if let path = workload[Self.jobFile] {
        job = .fio(jobFile: path.text)
      } else {
        job = .boot
        disk.backing = .file
      }
      (self.disk, net) = (disk, nil)
    }
  }
}

/// A program of Debian's whose results are read: the same on the host and in the guest.
public enum LinuxTool: String, Sendable, CaseIterable {
  case fio, iperf3, perf

  /// What it is called on a command line.
  public var program: String { rawValue }

  private var package: String { self == .perf ? "linux-perf" : rawValue }

  /// That the host has none, and what to do.
  public var absence: String { "\(program) is not installed (Debian: apt-get install \(package))" }

  /// What makes a guest that has it: for messages.
  public var guestAdvice: String { "ci/linux-guest --tool \(program) guest makes one that has it" }
}

/// The operating system that guests of workloads under Linux boot. Paths are as the suite has them: ``Suite/path(of:)``.
public struct LinuxGuest: Hashable, Sendable {
  /// A bzImage, or an ELF file with a PVH note.
  public var kernel: String
  /// The initial RAM disk; its first process does what `ci/linux/init` does.
  public var initrd: String
  /// Words for the kernel's command line; empty for none.
  public var append: String

  public init(kernel: String, initrd: String, append: String = "") {
    (self.kernel, self.initrd, self.append) = (kernel, initrd, append)
  }

  /// How one is made: for messages.
  public static let advice = "ci/linux-guest --tool fio guest makes guest/vmlinuz and guest/initrd"
}
