import CLinux
import Counters
import Definitions
import Glibc
import LinuxSystem
import Results
import Synchronization
import SystemPackage

/// The work of a Linux guest on the host itself: the same command, the same fio with the same jobs, on the same disk, in a process with
/// the rights of whoever runs the suite.
final class NativeLinuxSession: PreparedSession {
  private let session: Session
  private let linux: LinuxSpecification
  private let context: SessionContext
  private let disk: LegDisk?
  /// fio's jobs, and where it writes its results; nil for another job.
  private let fio: Fio?
  private let isCancelled = Atomic<Bool>(false)
  private var outcome = SessionOutcome()

  private final class Fio: Sendable {
    let path: String
    let jobs: Descriptor
    let results: Descriptor

    init(_ path: String, _ jobs: consuming Descriptor, _ results: consuming Descriptor) {
      self.path = path
      self.jobs = jobs
      self.results = results
    }
  }

  private static let shell = "/bin/sh"
  /// Sets a variable for the program that it becomes (env(1)).
  private static let setter = "/usr/bin/env"
  /// Bytes of fio's results.
  private static let most = LinuxConsole.Answer.fio.most

  init(_ session: Session, _ linux: LinuxSpecification, _ context: SessionContext) throws(SessionObstacle) {
    (self.session, self.linux, self.context) = (session, linux, context)
    do throws(SystemError) { disk = try context.disk.leg(linux.disk) } catch { throw .failure(error.description) }
    if let disk, disk.peer.driver != DiskSpecification.Format.raw.rawValue {
      throw .unavailable("natively there is no driver of \(disk.peer.driver): give a raw image, or a block device")
    }
    guard case .fio = linux.job else {
      fio = nil
      return
    }
    guard let supply = context.linux, let program = supply.fio else {
      throw .unavailable("fio is not installed (Debian: apt-get install fio)")
    }
    do throws(SystemError) {
      fio = Fio(program.path, try UnnamedFile.inMemory(supply.jobs(linux)), try UnnamedFile.inMemory())
    } catch { throw .failure(error.description) }
  }

  func run() {
    do throws(SystemError) { try work() } catch { outcome.failure = error.description }
  }

  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  func finish() -> SessionOutcome { outcome }

  /// As a guest's disk is worked on by the I/O thread's CPU, jobs of fio's make their calls from there; a command is the guest's
  /// processor's.
  private var cpu: Int { fio == nil ? context.cpus.workload : context.cpus.io ?? context.cpus.workload }

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
    try conclude(LinuxAnswer(status: Int(status), output: output, fio: try results()), time)
  }

  private func conclude(_ answer: LinuxAnswer, _ time: UInt64) throws(SystemError) {
    if let failure = answer.failure {
      outcome.failure = failure
      return
    }
    do throws(FioReport.Problem) {
      let fio = try answer.figures(linux.job, host: context.linux?.fio?.version)
      outcome.linux = LinuxFigures(time: time, fio: fio)
    } catch { outcome.failure = error.reason }
  }

  private func spawn(passing disks: [Int32]) throws(SystemError) -> ChildProcess {
    let name = "NEARMETAL_DISK=\(disk?.peer.path ?? "/dev/null")"
    let before = try CPUAffinity.allowed()
    try CPUAffinity.pin(thread: 0, to: [cpu])
    defer { try? CPUAffinity.pin(thread: 0, to: before) }
    guard let fio else {
      guard case .command(let command) = linux.job else { preconditionFailure("a boot has no native leg") }
      return try ChildProcess(
        Self.setter, [name, Self.shell, "-c", "exec 2>&1; \(command)"], isApart: true, passing: disks,
        diesWithCaller: true)
    }
    let first = ChildProcess.passed + Int32(disks.count)
    return try ChildProcess(
      Self.setter,
      [name, fio.path] + LinuxTask.fioWords(isReadOnly: disk?.isReadOnly ?? false) + [
        "--output=\(UnnamedFile.path(first + 1))", UnnamedFile.path(first),
      ], isApart: true, passing: disks + [fio.jobs.rawValue, fio.results.rawValue],
      diesWithCaller: true)
  }

  /// fio's results; nil where there are none.
  private func results() throws(SystemError) -> [UInt8]? {
    guard let fio else { return nil }
    do throws(Errno) {
      _ = try systemCall { lseek(fio.results.rawValue, 0, SEEK_SET) }
      return try fio.results.readAll(limit: Self.most)
    } catch { throw SystemError("read fio's results", error) }
  }
}
