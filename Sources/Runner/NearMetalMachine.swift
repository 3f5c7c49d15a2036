import Counters
import GuestMemory
import KVM
import LinuxSystem
import Probe
import Results
import VirtualMachine

/// The `nearmetal` machine: the probe as a guest of our own monitor, in this process.
struct NearMetalMachine {
  let context: RunContext

  func run(_ session: Session) -> SessionOutcome {
    let isBoot = session.legs.contains { $0.entry.workload == "boot" }
    let jobs = context.jobText(session)
    var outcome = boot(jobs, patience: context.patience(session), measuresMemory: false)
    if isBoot, outcome.boot != nil {
      // Memory is read in a second boot: walking the address space takes time that the first one must not contain.
      let second = boot(jobs, patience: context.patience(session), measuresMemory: true)
      outcome.boot?.resident = second.boot?.resident
      outcome.boot?.proportional = second.boot?.proportional
    }
    return outcome
  }

  private func boot(_ jobs: [UInt8], patience: UInt64, measuresMemory: Bool) -> SessionOutcome {
    let records = RecordStream()
    let windows = WindowRecorder(cpus: [context.workloadCPU])
    let start = MonotonicClock.now
    var outcome = SessionOutcome()
    do {
      let system = try System()
      let machine = try Machine(
        system, configuration, serial: { records.receive($0) }, marker: { windows.mark($0) })
      try machine.load(context.image.elf, name: context.image.path, commandLine: commandLine, module: jobs)
      let registration = context.interruption.whileRunning { machine.stop() }
      let end = try machine.run(until: start + patience)
      registration.end()
      outcome.failure = explain(end, records)
      if measuresMemory, let footprint = try? MemoryFootprint(beyond: machine.memory.hostRanges) {
        outcome.boot = BootFigures(first: 0, last: 0, resident: footprint.resident, proportional: footprint.proportional)
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

  private var vcpus: [Int?] { context.ioCPU.map { [context.workloadCPU, $0] } ?? [context.workloadCPU] }

  private var configuration: MachineConfiguration {
    MachineConfiguration(memory: context.suite.memory, vcpuCPUs: vcpus, ioCPU: context.ioCPU)
  }

  private var commandLine: String { "tsc_khz=\(context.tscFrequency) cpus=\(vcpus.count)" }

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
