import Results

/// What a workload under Linux does, and the disk that it has.
public struct LinuxSpecification: Hashable, Sendable {
  public enum Job: Hashable, Sendable {
    /// Nothing: the boot is what is measured.
    case boot
    /// A line for a shell.
    case command(String)
    /// fio, with the job file of this path.
    case fio(jobFile: String)
  }

  static let command = "cmd"
  static let jobFile = "jobfile"
  /// Bytes. What is longer belongs into a script, which guests carry by `ci/linux-guest --file`.
  static let longestCommand = 200

  public let job: Job
  public let disk: DiskSpecification

  /// - Parameter workload: one of the catalogue's kind `linux`, with parameters that its definition allows.
  init(_ workload: Workload) {
    var disk = DiskSpecification(workload)
    // As an operating system finds it by itself.
    disk.virtio.transport = .pci
    if let command = workload[Self.command] {
      job = .command(command.text)
    } else if let path = workload[Self.jobFile] {
      job = .fio(jobFile: path.text)
    } else {
      job = .boot
      disk.backing = .file
    }
    self.disk = disk
  }
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
