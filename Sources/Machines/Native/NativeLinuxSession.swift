import CLinux
import Counters
import Definitions
import Glibc
import LinuxSystem
import Network
import Results
import Synchronization
import SystemPackage

/// The work of a Linux guest on the host itself: the same command, the same tool with the same words, on the same disk, in a process
/// with the rights of whoever runs the suite.
final class NativeLinuxSession: PreparedSession {
  private let session: Session
  private let linux: LinuxSpecification
  private let context: SessionContext
  private let disk: LegDisk?
  /// Nil where a tool is not the job.
  private let tool: Tool?
  private let isCancelled = Atomic<Bool>(false)
  private var outcome = SessionOutcome()

  /// The program, fio's jobs, and where it writes its results.
  private final class Tool: Sendable {
    let program: LinuxProgram
    let jobs: Descriptor
    let results: Descriptor

    init(_ program: LinuxProgram, _ jobs: consuming Descriptor, _ results: consuming Descriptor) {
      self.program = program
      self.jobs = jobs
      self.results = results
    }
  }

  private static let shell = "/bin/sh"
  /// Sets a variable for the program that it becomes (env(1)).
  private static let setter = "/usr/bin/env"
  /// Bytes of a tool's results.
  private static let most = LinuxConsole.Answer.results.most

  init(_ session: Session, _ linux: LinuxSpecification, _ context: SessionContext) throws(SessionObstacle) {
    (self.session, self.linux, self.context) = (session, linux, context)
    do throws(SystemError) {
      disk = try linux.disk.flatMap { (disk) throws(SystemError) in try context.disk.leg(disk) }
    } catch { throw .failure(error.description) }
    if let disk, disk.peer.driver != DiskSpecification.Format.raw.rawValue {
      throw .unavailable("natively there is no driver of \(disk.peer.driver): give a raw image, or a block device")
    }
    guard let tool = linux.job.tool else {
      self.tool = nil
      return
    }
    guard let supply = context.linux, let program = supply.program(linux.job) else {
      throw .unavailable(tool.absence)
    }
    do throws(SystemError) {
      self.tool = Tool(program, try UnnamedFile.inMemory(supply.jobs(linux)), try UnnamedFile.inMemory())
    } catch { throw .failure(error.description) }
  }

  func run() {
    do throws(SystemError) { try work() } catch { outcome.failure = error.description }
  }

  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  func finish() -> SessionOutcome { outcome }

  /// As a guest's disk is worked on by the I/O thread's CPU, jobs of fio's make their calls from there; everything else is the guest's
  /// processor's.
  private var cpu: Int { linux.job.tool == .fio ? context.cpus.io ?? context.cpus.workload : context.cpus.workload }

  private func work() throws(SystemError) {
    let disks = disk?.peer.descriptors ?? []
    let before = Self.used()
    defer {
      let used = Self.used()
      outcome.windows[session.legs[0].job] = WindowUse(
        workload: used.cpu - before.cpu, io: nil, involuntarySwitches: used.switches - before.switches, noise: nil)
    }
    try work(passing: disks)
  }

  /// CPU nanoseconds of the children that have ended, and how often they lost their CPU (getrusage(2)).
  private static func used() -> (cpu: UInt64, switches: UInt64) {
    var usage = rusage()
    guard unsafe getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage) == 0 else { return (0, 0) }
    let times = [usage.ru_utime, usage.ru_stime].map { UInt64($0.tv_sec) * 1_000_000_000 + UInt64($0.tv_usec) * 1000 }
    return (times[0] + times[1], UInt64(usage.ru_nivcsw))
  }

  private func work(passing disks: [Int32]) throws(SystemError) {
    let noise = try? context.noise.sample(cpus: [cpu])
    var output: [UInt8] = []
    let start = MonotonicClock.now
    let child = try spawn(passing: disks)
    let receive = { (bytes: UnsafeRawBufferPointer) in
      unsafe output.append(contentsOf: bytes.suffix(LinuxTask.outputSize))
      if output.count > LinuxTask.outputSize { output.removeFirst(output.count - LinuxTask.outputSize) }
    }
    let hasEnded = unsafe child.drain(
      until: start + context.patience(session),
      isCancelled: { context.interruption.isRequested || isCancelled.load(ordering: .relaxed) }, receive)
    let time = MonotonicClock.now - start
    if let noise { outcome.noise = try? context.noise.sample(cpus: [cpu]).since(noise) }
    // Nothing of a command's is to go on after it.
    _ = kill(-child.pid, SIGKILL)
    guard hasEnded else {
      outcome.failure =
        context.interruption.isRequested ? "interrupted" : "the command had not ended by the deadline"
      return
    }
    let complaint = child.complaint()
    if !complaint.isEmpty { output += Array("\n\(complaint)".utf8) }
    guard let status = child.exitStatus else {
      outcome.failure = "the command did not come to its end: \(child.ending ?? "it is gone")"
      return
    }
    let answer = LinuxAnswer(job: linux.job, status: Int(status), output: output, results: try results())
    outcome.conclude(answer.conclusion(LinuxFigures(time: time), host: tool?.program.version))
  }

  private func spawn(passing disks: [Int32]) throws(SystemError) -> ChildProcess {
    let name = "NEARMETAL_DISK=\(disk?.peer.path ?? "/dev/null")"
    let first = ChildProcess.passed + Int32(disks.count)
    let script = LinuxScript(
      linux.job, isReadOnly: disk?.isReadOnly ?? false, window: context.window(of: session.legs[0]))
    let line = script.line(
      LinuxScript.Places(
        program: tool?.program.path ?? "", jobs: UnnamedFile.path(first), results: UnnamedFile.path(first + 1)))
    guard let line else { preconditionFailure("a boot has no native leg") }
    let files = tool.map { [$0.jobs.rawValue, $0.results.rawValue] } ?? []
    return try CPUAffinity.whilePinned(to: [cpu]) { () throws(SystemError) in
      try atNearEnd { () throws(SystemError) in
        try ChildProcess(
          Self.setter, [name, Self.shell, "-c", "exec 2>&1; \(line)"], isApart: true, passing: disks + files,
          diesWithCaller: true)
      }
    }
  }

  /// Where the work is with a server, its end of the wire is where it starts.
  private func atNearEnd(_ start: () throws(SystemError) -> ChildProcess) throws(SystemError) -> ChildProcess {
    guard case .namespace(let namespace) = context.nearEnd else { return try start() }
    return try NetworkNamespace.within(namespace, start)
  }

  /// The tool's results; nil where there are none.
  private func results() throws(SystemError) -> [UInt8]? {
    guard let tool else { return nil }
    do throws(Errno) {
      _ = try systemCall { lseek(tool.results.rawValue, 0, SEEK_SET) }
      return try tool.results.readAll(limit: Self.most)
    } catch { throw SystemError("read the results of \(linux.job.tool?.program ?? "")", error) }
  }
}
