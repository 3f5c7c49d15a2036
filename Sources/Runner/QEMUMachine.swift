import Counters
import LinuxSystem
import Network
import Probe
import Results
import Storage
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
    let disk: [String]
    switch diskArguments(session) {
    case .success(let arguments): disk = arguments
    case .failure(let reason): return .skipped(reason.description)
    }
    if let reason = session.netObstacle { return .skipped(reason) }
    var outcome = boot(qemu, session, jobs, disk: disk, measuresMemory: false)
    if isBoot, outcome.boot != nil {
      let pause = ProbeJob(number: 1, workload: "cpu.integer", seed: 1, warmup: 0, window: 300_000_000)
      let text = ProbeJob.text([pause], tscFrequency: context.tscFrequency)
      let second = boot(qemu, session, text, disk: [], measuresMemory: true)
      outcome.boot?.resident = second.boot?.resident
      outcome.boot?.proportional = second.boot?.proportional
    }
    return outcome
  }

  private func boot(
    _ qemu: String, _ session: Session, _ jobs: [UInt8], disk: [String], measuresMemory: Bool
  ) -> SessionOutcome {
    let records = RecordStream()
    var outcome = SessionOutcome()
    let wire: TAPWire?
    do throws(SystemError) {
      wire = try session.net.map { (_) throws(SystemError) in try TAPWire(cpu: context.ioCPU) }
    } catch {
      return .skipped(error.description)
    }
    do throws(SystemError) {
      let module = try TemporaryFile(jobs, suffix: ".jobs")
      let cpus = [context.workloadCPU] + (context.ioCPU.map { [$0] } ?? [])
      let start = MonotonicClock.now
      let child = try Self.start(
        qemu, arguments(session, module.path) + disk + netArguments(session), on: cpus, passing: wire?.descriptor)
      let pid = child.pid
      var memory: MemoryFootprint?
      var pinned = false
      let interruption = context.interruption
      let receive = { (bytes: UnsafeRawBufferPointer) in
        unsafe records.receive(bytes)
        // The first record is there, so every vCPU thread is: the workload's goes where the native leg's thread ran.
        if !pinned {
          pinned = true
          ProcessThreads.pin("CPU 0/", of: pid, to: context.workloadCPU)
          if let cpu = context.ioCPU { ProcessThreads.pin("IO ", of: pid, to: cpu) }
        }
        if measuresMemory, memory == nil {
          memory = try? MemoryFootprint(process: pid, withoutMappingsOf: UInt(context.suite.memory))
        }
      }
      let ended = unsafe child.drain(
        until: start + context.patience(session), isCancelled: { interruption.isRequested }, receive)
      outcome.failure = explain(ended, child.complaint(), records)
      withExtendedLifetime(wire) {}
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
  private static func start(_ path: String, _ arguments: [String], on cpus: [Int], passing: Int32?) throws(SystemError)
    -> ChildProcess
  {
    let before = try CPUAffinity.allowed()
    try CPUAffinity.pin(thread: 0, to: cpus)
    defer { try? CPUAffinity.pin(thread: 0, to: before) }
    return try ChildProcess(path, arguments, passing: passing)
  }

  private func arguments(_ session: Session, _ module: String) -> [String] {
    let vcpus = context.ioCPU == nil || session.hasDevice ? 1 : 2
    return [
      "-name", "nearmetal,debug-threads=on", "-M", "\(model(session)),accel=kvm", "-cpu", "host,-arch-capabilities",
      "-m", "\(context.suite.memory >> 20)", "-smp", "\(vcpus)", "-kernel", context.image.path, "-initrd", module,
      "-append", "tsc_khz=\(context.tscFrequency) cpus=\(vcpus) \(session.deviceWords)", "-nodefaults",
      "-no-user-config",
      "-display", "none",
      "-no-reboot", "-chardev", "stdio,id=records,signal=off", "-serial", "chardev:records",
      "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
    ]
  }

  /// The leanest machine type that has the device. Without ACPI, microvm names its devices on the command line. Its interrupt
  /// controllers are in the kernel for the price of an exit to them; beside a disk the split ones are faster, since then no
  /// line stays raised that the driver would have to acknowledge.
  private func model(_ session: Session) -> String {
    guard let entry = session.block ?? session.net else { return "microvm,acpi=off,kernel-irqchip=on" }
    if session.path.mode == .emulated { return "pc" }
    return entry.parameters["transport"] == "pci" ? "q35" : "microvm,acpi=off,kernel-irqchip=split"
  }

  /// The disk: with an I/O thread of its own and io_uring, the fastest that QEMU has.
  private func diskArguments(_ session: Session) -> Result<[String], SkipReason> {
    guard let entry = session.block else { return .success([]) }
    guard let image = context.disk else { return .success([]) }
    let cache: String
    switch image.backing(entry.parameters["backing"]) {
    case .file: cache = "cache=writeback"
    case .direct: cache = "cache=none"
    case .null, .memory: return .failure(SkipReason("QEMU has no such backing with the disk's content"))
    }
    let drive = "id=disk,format=raw,file=\(image.path),\(cache),aio=io_uring"
    if session.path.mode == .emulated { return .success(["-drive", "if=ide,\(drive)"]) }
    let device = entry.parameters["transport"] == "pci" ? "virtio-blk-pci,disable-legacy=on" : "virtio-blk-device"
    let packed = entry.parameters["ring"] == "packed" ? ",packed=on" : ""
    return .success([
      "-object", "iothread,id=io", "-drive", "if=none,\(drive)", "-global", "virtio-mmio.force-legacy=false",
      "-device", "\(device),drive=disk,iothread=io\(packed)",
    ])
  }

  /// The network interface: a TAP like the one of the other legs, whose descriptor QEMU inherits. virtio-net has no I/O thread of
  /// its own in QEMU; its main loop moves the frames.
  private func netArguments(_ session: Session) -> [String] {
    guard let entry = session.net else { return [] }
    let backend = ["-netdev", "tap,id=net,fd=\(ChildProcess.passed),vhost=off"]
    if session.path.mode == .emulated { return backend + ["-device", "e1000,netdev=net"] }
    let device = entry.parameters["transport"] == "pci" ? "virtio-net-pci,disable-legacy=on" : "virtio-net-device"
    let packed = entry.parameters["ring"] == "packed" ? ",packed=on" : ""
    return backend + ["-global", "virtio-mmio.force-legacy=false", "-device", "\(device),netdev=net\(packed)"]
  }

  /// Why a leg cannot run on QEMU.
  private struct SkipReason: Error {
    let description: String
    init(_ description: String) { self.description = description }
  }

  private func explain(_ ended: Bool, _ complaint: String, _ records: RecordStream) -> String {
    if let error = records.error { return error.description }
    if let crash = records.crash { return crash }
    if context.interruption.isRequested { return "interrupted" }
    let suffix = complaint.isEmpty ? "" : ": \(complaint)"
    return ended ? "QEMU ended before the job was answered\(suffix)" : "no answer from QEMU by the deadline\(suffix)"
  }
}
