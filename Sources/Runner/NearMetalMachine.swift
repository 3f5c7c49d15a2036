import Counters
import Devices
import GuestMemory
import KVM
import LinuxSystem
import Probe
import Results
import Storage
import VirtualMachine

/// The `nearmetal` machine: the probe as a guest of our own monitor, in this process.
struct NearMetalMachine {
  let context: RunContext

  func run(_ session: Session) -> SessionOutcome {
    let isBoot = session.legs.contains { $0.entry.workload == "boot" }
    if session.path.mode == .polled, context.ioCPU == nil {
      return .skipped("polled mode needs a second CPU for the I/O thread; this process may use one")
    }
    if let reason = session.netObstacle { return .skipped(reason) }
    let jobs = context.jobText(session)
    var outcome = boot(session, jobs, measuresMemory: false)
    if isBoot, outcome.boot != nil {
      // Memory is read in a second boot: walking the address space takes time that the first one must not contain.
      let second = boot(session, jobs, measuresMemory: true)
      outcome.boot?.resident = second.boot?.resident
      outcome.boot?.proportional = second.boot?.proportional
    }
    return outcome
  }

  private func boot(_ session: Session, _ jobs: [UInt8], measuresMemory: Bool) -> SessionOutcome {
    let records = RecordStream()
    let net: SessionNet?
    do throws(SystemError) { net = try session.makeNet(ioCPU: context.ioCPU) } catch {
      return .skipped(error.description)
    }
    let windows = WindowRecorder(cpus: [context.workloadCPU])
    let start = MonotonicClock.now
    var outcome = SessionOutcome()
    do {
      let system = try System()
      let machine = try Machine(
        system, configuration(session, net?.configuration), serial: { records.receive($0) },
        marker: { windows.mark($0) })
      try machine.load(context.image.elf, name: context.image.path, commandLine: commandLine(session), module: jobs)
      windows.watch(machine)
      defer { windows.stopWatching() }
      let registration = context.interruption.whileRunning { machine.stop() }
      defer { registration.end() }
      let end = try machine.run(until: start + context.patience(session))
      withExtendedLifetime(net) {}
      outcome.failure = explain(end, records)
      outcome.deviceFailure = machine.diskFailure ?? machine.netFailure
      if measuresMemory, let footprint = try? MemoryFootprint(beyond: machine.memory.hostRanges) {
        outcome.boot = BootFigures(
          first: 0, last: 0, resident: footprint.resident, proportional: footprint.proportional)
      } else if let span = records.span {
        outcome.boot = BootFigures(first: span.first - start, last: span.last - start)
      }
    } catch {
      return .failed("\(error)")
    }
    outcome.results = records.results
    outcome.windows = windows.windows
    return outcome
  }

  /// A second vCPU is there for interrupts between processors; beside a disk its CPU belongs to the I/O thread.
  private func vcpus(_ session: Session) -> [Int?] {
    guard !session.hasDevice, let other = context.ioCPU else { return [context.workloadCPU] }
    return [context.workloadCPU, other]
  }

  private func configuration(_ session: Session, _ net: NetConfiguration?) -> MachineConfiguration {
    MachineConfiguration(
      memory: context.suite.memory, vcpuCPUs: vcpus(session), ioCPU: context.ioCPU, disk: disk(session), net: net)
  }

  private func disk(_ session: Session) -> DiskConfiguration? {
    guard let entry = session.block, let image = context.disk else { return nil }
    let attachment: DiskConfiguration.Attachment
    let service: ServiceMode = session.path.mode == .polled ? .polled() : .notified
    switch session.path.mode {
    case .emulated: attachment = .ide
    default: attachment = entry.parameters["transport"] == "pci" ? .virtioPCI(service) : .virtioMMIO(service)
    }
    return DiskConfiguration(image.backing(entry.parameters["backing"]), attachment: attachment)
  }

  private func commandLine(_ session: Session) -> String {
    "tsc_khz=\(context.tscFrequency) cpus=\(vcpus(session).count) \(session.deviceWords)"
  }

  /// Why a leg without an answer has none.
  private func explain(_ end: MachineEnd, _ records: RecordStream) -> String {
    if let error = records.error { return error.description }
    if let crash = records.crash { return crash }
    switch end {
    case .exited: return "the probe ended before it answered the job"
    case .reset: return "the guest reset itself before it answered the job"
    case .failed(let reason): return reason
    case .timedOut(let places): return "no answer by the deadline: \(places)"
    case .stopped: return "interrupted"
    }
  }
}
