import Definitions
import LinuxSystem
import Results

/// What a suite's workloads under Linux need besides: read once, before anything is measured, so that all legs have the same.
public struct LinuxSupply: Sendable {
  /// A guest's files, and the words that it is booted with.
  struct Guest: Sendable {
    let kernel: [UInt8]
    let kernelPath: String
    let initrd: [UInt8]
    /// For its command line, besides those of each kernel.
    let words: [String]

    var commandLine: String { (GuestKernel.words + words).joined(separator: " ") }
  }

  /// Nil where no workload of the suite needs one.
  let guest: Guest?
  /// The tools of the suite's workloads; those that are not installed are not among them.
  private let programs: [LinuxTool: LinuxProgram]
  private let jobFiles: [String: [UInt8]]

  /// The console is silent but for what is wrong: each letter on it is an exit.
  private static let silence = "quiet"

  /// - Throws: ``GuestError/input(_:)``, one line: a file that is not there, or not what it should be.
  public init(_ suite: Suite) throws(GuestError) {
    guest = try suite.guest.map { (guest) throws(GuestError) in
      let kernel = try Self.read(suite.path(of: guest.kernel))
      if case .multiboot = try GuestKernel(kernel, path: guest.kernel) {
        throw .input(
          "\(guest.kernel): expected Linux, as a bzImage or an ELF file with a PVH note, found a Multiboot kernel. "
            + LinuxGuest.advice)
      }
      return Guest(
        kernel: kernel, kernelPath: guest.kernel, initrd: try Self.read(suite.path(of: guest.initrd)),
        words: [Self.silence] + (guest.append.isEmpty ? [] : [guest.append]))
    }
    var jobFiles: [String: [UInt8]] = [:]
    for entry in suite.entries {
      if case .fio(let path) = entry.linux?.job { jobFiles[path] = try FioJobFile.read(suite.path(of: path)) }
    }
    self.jobFiles = jobFiles
    var programs: [LinuxTool: LinuxProgram] = [:]
    for tool in Set(suite.entries.compactMap { $0.linux?.job.tool }) { programs[tool] = LinuxProgram(tool) }
    self.programs = programs
  }

  /// Adds to what a result keeps of the suite which files they were.
  public func describe(_ record: inout SuiteRecord) {
    if let guest {
      record.guest?.kernelSHA256 = FileDigest.sha256(guest.kernel)
      record.guest?.initrdSHA256 = FileDigest.sha256(guest.initrd)
    }
    if !jobFiles.isEmpty { record.jobs = jobFiles.mapValues(FileDigest.sha256) }
  }

  private static func read(_ path: String) throws(GuestError) -> [UInt8] {
    do throws(GuestError) { return try GuestKernel.read(path) } catch {
      throw .input("\(error). \(LinuxGuest.advice)")
    }
  }

  /// The tool that a job is, as this host has it; nil where it has none, or the job is no tool.
  func program(_ job: LinuxSpecification.Job) -> LinuxProgram? { job.tool.flatMap { programs[$0] } }

  /// What a session does, as its guest is told it.
  /// - Parameter window: nanoseconds that it measures, about.
  func task(_ linux: LinuxSpecification, isReadOnly: Bool, window: UInt64) -> LinuxTask {
    LinuxTask(
      LinuxScript(linux.job, isReadOnly: isReadOnly, window: window), fioJobs: jobs(linux),
      hasDisk: linux.disk != nil, hasNet: linux.net != nil)
  }

  /// The job file; empty where fio is not the job.
  func jobs(_ linux: LinuxSpecification) -> [UInt8] {
    if case .fio(let path) = linux.job { jobFiles[path] ?? [] } else { [] }
  }
}
