import KVM
import Kernels
import LinuxSystem
import Machines
import Probe
import ProbeABI
import Runner
import VirtualMachine

/// A boot of the probe for its own sake: how many processors answered, and whether every job's answer is right.
struct GuestBoot: Sendable {
  let image: ProbeImage
  /// TSC ticks a millisecond.
  let tscFrequency: UInt64
  /// The host CPU of each vCPU.
  let cpus: [Int?]
  /// Bytes, a multiple of 2 MiB.
  let memory: UInt64
  let jobs: [ProbeJob]
  /// Whether the guest is to end by a reset.
  var resets = false
  /// Nanoseconds that the guest may take.
  let patience: UInt64

  /// Boots it in a process of its own.
  func start() throws(SystemError) -> ConfinedProcess {
    try ConfinedProcess { inside in .ended(run(inside)) }
  }

  /// What is wrong with one that was started; nil where nothing is. Blocks until it has ended.
  func problem(of process: ConfinedProcess) -> String? {
    let ending = process.finish(by: MonotonicClock.now + patience + Self.patienceBeyond)
    return ending.outcome.failure ?? problem(ending.records)
  }

  /// Nanoseconds that its process may take beyond what the guest may.
  private static let patienceBeyond: UInt64 = 10_000_000_000

  /// All that its process does: runs the guest, and says what is wrong with how it ended.
  private func run(_ inside: ConfinedProcess.Inside) -> String? {
    let records = RecordStream(kept: { inside.keep($0) })
    let end: MachineEnd
    do {
      inside.reach(.preparing)
      let system = try System()
      let machine = try Machine(
        system, MachineConfiguration(memory: memory, vcpuCPUs: cpus), serial: { records.receive($0) },
        outbox: { records.receive($0) })
      let line = "tsc_khz=\(tscFrequency) cpus=\(cpus.count) block=none\(resets ? " end=reset" : "")"
      try machine.load(
        image.elf, name: image.path, commandLine: line, module: ProbeJob.text(jobs, tscFrequency: tscFrequency))
      inside.whenAskedToEnd { machine.stop() }
      inside.reach(.running)
      try inside.confinement.enter()
      end = try machine.run(until: MonotonicClock.now + patience)
      inside.reach(.finishing)
    } catch { return "\(error)" }
    return records.error?.description ?? records.crash ?? problem(end)
  }

  private func problem(_ end: MachineEnd) -> String? {
    switch end {
    case .exited(NM_EXIT_DONE) where !resets: nil
    case .reset where resets: nil
    case .exited(let value):
      resets && value == NM_EXIT_DONE ? "it did not reset itself" : "the probe ended with \(value)"
    case .reset: "the guest reset itself"
    case .poweredOff: "the guest turned the machine off"
    case .failed(let reason): reason
    case .timedOut(let places): "it had not ended after \(patience / 1_000_000_000) s: \(places)"
    case .stopped: "interrupted"
    }
  }

  private func problem(_ records: RecordStream) -> String? {
    var answered: UInt32?
    for arrival in records.arrivals {
      if case .hello(let hello) = arrival.record { answered = hello.cpus }
    }
    guard let answered else { return "the guest sent no greeting" }
    if answered != UInt32(cpus.count) { return "\(answered) of \(cpus.count) processors answered" }
    for job in jobs {
      guard let result = records.results[job.number] else { return "\(job.workload) was not answered" }
      guard result.figures.status == NM_STATUS_OK.rawValue else { return "\(job.workload): \(result.reason)" }
      guard let workload = KernelWorkload(named: job.workload) else { continue }
      // The host computes the sum again, and a guest may name any number: more than time allows is no answer.
      let most = max(20 * (job.warmup + job.window), job.parameters["pages"] ?? 0)
      guard result.figures.values.0 <= most else { return "\(job.workload): more operations than it had time for" }
      let expected = workload.referenceChecksum(
        result: result.figures, job: job.number, seed: job.seed, parameters: job.parameters)
      if expected != result.figures.checksum { return "\(job.workload): wrong checksum, so memory or processor erred" }
    }
    return nil
  }
}
