import Counters
import Devices
import GuestMemory
import KVM
import LinuxSystem
import Network
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
    if let reason = obstacle(session) { return .skipped(reason) }
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
    let net: NetConfiguration?
    do throws(SystemError) { net = try self.net(session) } catch { return .skipped(error.description) }
    let windows = WindowRecorder(cpus: [context.workloadCPU])
    let start = MonotonicClock.now
    var outcome = SessionOutcome()
    do {
      let system = try System()
      let machine = try Machine(
        system, configuration(session, net), serial: { records.receive($0) }, marker: { windows.mark($0) })
      try machine.load(context.image.elf, name: context.image.path, commandLine: commandLine(session), module: jobs)
      windows.watch(machine)
      defer { windows.stopWatching() }
      let registration = context.interruption.whileRunning { machine.stop() }
      defer { registration.end() }
      let end = try machine.run(until: start + context.patience(session))
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

  private func net(_ session: Session) throws(SystemError) -> NetConfiguration? {
    guard let entry = session.net else { return nil }
    let service: ServiceMode = session.path.mode == .polled ? .polled() : .notified
    return NetConfiguration(
      try Wire.link(entry.wire),
      attachment: entry.parameters["transport"] == "pci" ? .virtioPCI(service) : .virtioMMIO(service))
  }

  /// Why a mode of the network interface cannot be had.
  private func obstacle(_ session: Session) -> String? {
    guard session.net != nil else { return nil }
    switch session.path.mode {
    case .emulated: return "this build has no emulated network interface"
    case .vhost:
      return isUsable("/dev/vhost-net")
        ? "this build has no data path through /dev/vhost-net"
        : "this host has no /dev/vhost-net that this process may use; load its module: sudo modprobe vhost_net"
    default: return nil
    }
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
