import Definitions
import LinuxSystem
import Machines
import Probe
import Qualification
import Results
import Runner
import Synchronization
import Topology

/// Carries out functional checks with real guests.
struct CheckRunner {
  let image: ProbeImage
  let options: Run.Options
  let interruption: Interruption
  /// Tells what goes on.
  let progress: Progress

  /// What a check leaves: its observations, and the result of those that are runs.
  struct Product {
    var record: CheckRecord
    var result: RunResult?
  }

  /// Blocks for as long as the check takes. An interrupted check leaves what it has; nobody keeps that.
  func run(_ check: FunctionalCheck) throws(RunError) -> Product {
    switch check.work {
    case .integrity(let duration): try underLoad(check, duration)
    case .soak(let duration): try measure(check, CheckSuite.soak(duration))
    case .processors(let limit): Product(record: processors(check, limit))
    case .memory(let share): Product(record: memory(check, share))
    case .reboot(let times): Product(record: reboot(check, times))
    }
  }

  // MARK: Checks that are runs

  private func underLoad(_ check: FunctionalCheck, _ duration: UInt64) throws(RunError) -> Product {
    let load: HostLoad
    do throws(SystemError) {
      load = try HostLoad(cpus: try CPUAffinity.allowed())
    } catch { throw .placement(error.description) }
    defer { load.stop() }
    return try measure(check, CheckSuite.integrity(duration))
  }

  private func measure(_ check: FunctionalCheck, _ suite: Suite) throws(RunError) -> Product {
    var options = options
    options.claims = []
    let result = try Run(suite, options, interruption).run(progress)
    return Product(record: CheckRecord(id: check.id, result), result: result)
  }

  // MARK: Checks that boot guests for their own sake

  /// Most processors that the probe starts (its PROBE_MAX_CPUS).
  private static let mostProcessors = 16
  /// RAM of which a guest can use all: the probe addresses 3 GiB.
  private static let largestGuest: UInt64 = 3 << 30
  private static let smallGuest: UInt64 = 128 << 20

  private func boot(
    _ cpus: [Int?], _ memory: UInt64, _ jobs: [ProbeJob], resets: Bool = false, patience: UInt64 = 30_000_000_000
  ) -> GuestBoot {
    GuestBoot(
      image: image, tscFrequency: TSCFrequency.find(), cpus: cpus, memory: memory, jobs: jobs, resets: resets,
      patience: patience)
  }

  private func work(_ workload: String, number: UInt32, seed: UInt64) -> ProbeJob {
    ProbeJob(number: number, workload: workload, seed: seed, warmup: 2_000_000, window: 20_000_000)
  }

  private func processors(_ check: FunctionalCheck, _ limit: Int?) -> CheckRecord {
    var record = CheckRecord(id: check.id)
    guard let cpus = try? CPUAffinity.allowed() else {
      record.observations = [.init(what: "processors", status: .skipped, reason: "the CPU affinity cannot be read")]
      return record
    }
    let wanted = limit ?? cpus.count
    let most = min(wanted, Self.mostProcessors)
    var counts = sequence(first: 1) { $0 * 2 }.prefix { $0 < most } + [most]
    if counts.count > 1, counts[counts.count - 2] == most { counts.removeLast() }
    for (index, count) in counts.enumerated() where !interruption.isRequested {
      tell("\(count) processors", index, counts.count)
      // More vCPUs than CPUs share them.
      let places = (0..<count).map { Optional(cpus[$0 % cpus.count]) }
      var jobs = [work("cpu.sha256", number: 1, seed: options.seed)]
      if count > 1, cpus.count > 1 { jobs.append(work("exits.ipi.halt", number: 2, seed: options.seed)) }
      let problem = run([boot(places, Self.smallGuest, jobs)])[0]
      let remark = count == most && wanted > most ? "the probe starts at most \(most) of \(wanted) processors" : nil
      record.observations.append(
        .init(
          what: "a guest of \(count) \(count == 1 ? "processor" : "processors")",
          status: problem == nil ? .ok : .failed,
          reason: problem ?? remark))
    }
    return record
  }

  private func memory(_ check: FunctionalCheck, _ share: Double) -> CheckRecord {
    var record = CheckRecord(id: check.id)
    guard let bytes = UInt64(HostEvidence.collect().facts["memory.bytes"] ?? "") else {
      record.observations = [.init(what: "memory", status: .skipped, reason: "the size of memory cannot be read")]
      return record
    }
    let granule: UInt64 = 2 << 20
    // What a container may have is all that there is: past it the kernel ends the program.
    let total = UInt64(Double(min(bytes, ControlGroup().memory ?? bytes)) * share)
    let guests = Int((total + Self.largestGuest - 1) / Self.largestGuest)
    let size = max(Self.smallGuest, total / UInt64(guests) / granule * granule)
    tell("\(guests) guests of \(size >> 20) MiB", 0, 1)
    let boots = (0..<guests).map { guest in
      boot(
        [nil], size, fillingJobs(size, seed: options.seed &+ UInt64(guest)),
        patience: 60_000_000_000 + UInt64(guests) * (size >> 12) * 100_000)
    }
    record.observations = run(boots).enumerated().map { guest, problem in
      .init(
        what: "guest \(guest + 1) of \(guests), \(size >> 20) MiB", status: problem == nil ? .ok : .failed,
        reason: problem)
    }
    return record
  }

  /// Jobs that write and read back nearly all of a guest's memory: the probe keeps a quarter of its arena untouched for
  /// `memory.touch`, and gives the rest to other jobs. What is left out is the image's, the loader's and the jobs' own.
  private func fillingJobs(_ size: UInt64, seed: UInt64) -> [ProbeJob] {
    let arena = size - 64 << 20
    let (pages, rest) = (arena / 4 / 4096, (arena / 4 * 3) - 16 << 20)
    return [("memory.touch", ["pages": pages]), ("memory.copy", ["size": rest])].enumerated().map { index, job in
      ProbeJob(
        number: UInt32(index + 1), workload: job.0, seed: seed, warmup: 0, window: 20_000_000, parameters: job.1)
    }
  }

  private func reboot(_ check: FunctionalCheck, _ times: Int) -> CheckRecord {
    var record = CheckRecord(id: check.id)
    for time in 0..<times where !interruption.isRequested {
      tell("boot \(time + 1) of \(times)", time, times)
      let job = work("cpu.integer", number: 1, seed: options.seed &+ UInt64(time))
      let problem = run([boot([nil], Self.smallGuest, [job], resets: true)])[0]
      record.observations.append(
        .init(what: "boot \(time + 1)", status: problem == nil ? .ok : .failed, reason: problem))
    }
    return record
  }

  /// Boots guests side by side, and says what is wrong with each.
  private func run(_ boots: [GuestBoot]) -> [String?] {
    let running = GuestGroup()
    let registration = interruption.whileRunning { running.stop() }
    defer { registration.end() }
    return running.run(boots)
  }

  private func tell(_ what: String, _ done: Int, _ total: Int) {
    progress.report(Progress.Step(done: done, total: total, elapsed: 0, remaining: nil, next: what))
  }
}
