import Counters
import LinuxSystem
import Probe
import Results
import Synchronization

/// The `qemu` machine: the same probe under QEMU, the peer and the independent check of the probe's drivers.
struct QEMUMachine {
  let context: RunContext

  /// Where QEMU is, if it is installed.
  static func find(in path: String) -> String? {
    path.split(separator: ":").map { "\($0)/qemu-system-x86_64" }.first { isExecutable($0) }
  }

  func run(_ session: Session) -> SessionOutcome {
    guard let qemu = context.qemu else {
      return .skipped("qemu-system-x86_64 is not installed (Debian: apt-get install qemu-system-x86)")
    }
    let isBoot = session.legs.contains { $0.entry.workload == "boot" }
    let jobs = context.jobText(session)
    var outcome = boot(qemu, jobs, patience: context.patience(session), measuresMemory: false)
    if isBoot, outcome.boot != nil {
      let pause = ProbeJob(number: 1, workload: "cpu.integer", seed: 1, warmup: 0, window: 300_000_000)
      let text = ProbeJob.text([pause], tscFrequency: context.tscFrequency)
      let second = boot(qemu, text, patience: context.patience(session), measuresMemory: true)
      outcome.boot?.resident = second.boot?.resident
      outcome.boot?.proportional = second.boot?.proportional
    }
    return outcome
  }

  private func boot(_ qemu: String, _ jobs: [UInt8], patience: UInt64, measuresMemory: Bool) -> SessionOutcome {
    let records = RecordStream()
    var outcome = SessionOutcome()
    do throws(SystemError) {
      let module = try TemporaryFile(jobs, suffix: ".jobs")
      let cpus = [context.workloadCPU] + (context.ioCPU.map { [$0] } ?? [])
      let start = MonotonicClock.now
      let child = try Self.start(qemu, arguments(module.path), on: cpus)
      var memory: MemoryFootprint?
      var pinned = false
      let ended = unsafe child.drain(until: start + patience, isCancelled: { context.interruption.isRequested }) { bytes in
        unsafe records.receive(bytes)
        // The first record is there, so every vCPU thread is: the workload's goes where the native leg's thread ran.
        if !pinned {
          pinned = true
          ProcessThreads.pin("CPU 0/", of: child.pid, to: context.workloadCPU)
        }
        if measuresMemory, memory == nil {
          memory = try? MemoryFootprint(process: child.pid, withoutMappingsOf: UInt(context.suite.memory))
        }
      }
      outcome.failure = explain(ended, child.complaint(), records)
      if measuresMemory {
        outcome.boot = BootFigures(first: 0, last: 0, resident: memory?.resident, proportional: memory?.proportional)
      } else if let span = records.span {
        outcome.boot = BootFigures(first: span.first - start, last: span.last - start)
      }
    } catch {
      return .failed(error.description)
    }
    outcome.results = records.results
    return outcome
  }

  /// Starts QEMU from a thread with its affinity, which the child inherits.
  private static func start(_ path: String, _ arguments: [String], on cpus: [Int]) throws(SystemError) -> ChildProcess {
    let before = try CPUAffinity.allowed()
    try CPUAffinity.pin(thread: 0, to: cpus)
    defer { try? CPUAffinity.pin(thread: 0, to: before) }
    return try ChildProcess(path, arguments)
  }

  private func arguments(_ module: String) -> [String] {
    let vcpus = context.ioCPU == nil ? 1 : 2
    return [
      "-name", "nearmetal,debug-threads=on", "-M", "microvm,accel=kvm", "-cpu", "host,-arch-capabilities",
      "-m", "\(context.suite.memory >> 20)", "-smp", "\(vcpus)", "-kernel", context.image.path, "-initrd", module,
      "-append", "tsc_khz=\(context.tscFrequency) cpus=\(vcpus)", "-nodefaults", "-no-user-config", "-display", "none",
      "-no-reboot", "-chardev", "stdio,id=records,signal=off", "-serial", "chardev:records",
      "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
    ]
  }

  private func explain(_ ended: Bool, _ complaint: String, _ records: RecordStream) -> String {
    if let error = records.error { return error.description }
    if let crash = records.crash { return crash }
    if context.interruption.isRequested { return "interrupted" }
    let suffix = complaint.isEmpty ? "" : ": \(complaint)"
    return ended ? "QEMU ended before the job was answered\(suffix)" : "no answer from QEMU by the deadline\(suffix)"
  }
}
