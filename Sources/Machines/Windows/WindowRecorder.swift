import CLinux
import Counters
import ProbeABI
import Synchronization
import Topology
import VirtualMachine

/// Reads clocks at the edges of windows, on the thread that runs the workload. The readings stand outside the window: the
/// probe takes its own time after the opening marker and before the closing one.
final class WindowRecorder: Sendable {
  private struct State {
    var open: [UInt32: Opening] = [:]
    var closed: [UInt32: Sums] = [:]
  }

  /// What all windows of a job used; counts in the order of their names.
  private struct Sums {
    var use: WindowUse
    var counts: [UInt64]
    var windows = 1
  }

  private struct Opening {
    let times: ThreadTimes
    let workers: UInt64?
    let io: UInt64?
    let noise: NoiseSample?
    let counts: [UInt64]
    let events: [OpenCounters.Key: PerfReading]
  }

  /// Names of the machine's counts, in their order, and what they are.
  private struct Names {
    var names: [String] = []
    var meanings: [String: StatisticMeaning] = [:]
    var isCount: [Bool] = []
    var uncounted: [String: String] = [:]
  }

  private let state = Mutex(State())
  private let cpus: [Int]
  private let ioCPUs: [Int]
  /// vCPUs that share the work; a guest may have another one that does none.
  private let vcpus: Int
  private let noise: NoiseWatch?
  private let machine = Mutex<GuestMachine?>(nil)
  private let names = Mutex(Names())
  private let plan: [CounterGroup]
  private let cost: MarkerCost?
  private let counters = Mutex<OpenCounters?>(nil)
  /// Of a leg without a machine.
  private let threadStore = Mutex<(workers: [Int32], io: [Int32])>(([], []))
  private let process = Atomic<Int32>(0)

  /// - Parameters:
  ///   - cpus: CPUs whose steal time counts as noise.
  ///   - ioCPUs: others that are watched while the leg has I/O threads, or a process in their place, which run there.
  ///   - noise: what watches for it; nil for windows whose noise nobody asks about.
  ///   - counters: perf events of the leg's threads.
  ///   - cost: what the closing marker adds; nil for a workload whose markers are no exits.
  ///   - vcpus: that share the work.
  init(
    cpus: [Int], ioCPUs: [Int] = [], vcpus: Int = 1, noise: NoiseWatch? = nil, counters: [CounterGroup] = [],
    cost: MarkerCost? = nil
  ) {
    self.cpus = cpus
    self.ioCPUs = ioCPUs
    self.vcpus = vcpus
    self.noise = noise
    plan = counters
    self.cost = cost
  }

  /// Whether there are perf events to open.
  var countsEvents: Bool { !plan.isEmpty }

  /// Of a guest's vCPUs and I/O threads.
  convenience init(
    _ threads: ThreadPlacement, noise: NoiseWatch? = nil, counters: [CounterGroup] = [], cost: MarkerCost? = nil
  ) {
    self.init(
      cpus: Set(threads.vcpus).sorted(), ioCPUs: Set(threads.io.compactMap(\.self)).sorted(),
      vcpus: threads.vcpus.count, noise: noise, counters: counters, cost: cost)
  }

  /// Opens the perf events of a machine's vCPUs and of its I/O threads, or of the calling thread and its workers where there is no
  /// machine. Comes before any window: opening one takes the kernel up to milliseconds.
  func openCounters() {
    guard !plan.isEmpty else { return }
    let machine = machine.withLock { $0 }
    var threads: [OpenCounters.Thread] = []
    if machine == nil {
      threads.append(OpenCounters.Thread("workload", id: nm_gettid(), runsGuest: false))
      for (index, id) in threadStore.withLock({ $0.workers }).enumerated() {
        threads.append(OpenCounters.Thread("worker\(index + 1)", id: id, runsGuest: false))
      }
    }
    if let machine {
      for (index, id) in machine.vcpuThreads.enumerated() where id != 0 {
        threads.append(OpenCounters.Thread(index == 0 ? "workload" : "vcpu\(index)", id: id, runsGuest: true))
      }
      for (index, id) in machine.ioThreads.enumerated() {
        threads.append(OpenCounters.Thread(index == 0 ? "io" : "io\(index)", id: id, runsGuest: false))
      }
    }
    let opened = OpenCounters(plan, on: threads)
    counters.withLock { $0 = opened }
  }

  private func readCounters() -> [OpenCounters.Key: PerfReading] { counters.withLock { $0 }?.read() ?? [:] }

  /// Tells whose KVM statistics and I/O thread belong to the windows.
  func watch(_ machine: GuestMachine) {
    let (found, meanings) = (machine.countNames, machine.statisticMeanings)
    names.withLock {
      $0 = Names(
        names: found, meanings: meanings, isCount: found.map { meanings[$0]?.isCount ?? true },
        uncounted: machine.uncounted)
    }
    self.machine.withLock { $0 = machine }
  }

  /// Tells which threads share the work of a leg without a machine, and which do its I/O.
  func watch(workers: [Int32] = [], io: [Int32] = []) {
    threadStore.withLock { threads in threads = (threads.workers + workers, threads.io + io) }
  }

  /// Tells which process does the I/O of a machine that has no thread for it.
  func watch(ioProcess: Int32) { process.store(ioProcess, ordering: .relaxed) }

  /// Lets go of the machine.
  func stopWatching() { machine.withLock { $0 = nil } }

  /// The threads that work in the windows, as the workload's thread sees them.
  var threads: [Int32] { [nm_gettid()] + workers + ioThreads }

  /// Those that share the calling thread's work.
  private var workers: [Int32] {
    guard let machine = machine.withLock({ $0 }) else { return threadStore.withLock { $0.workers } }
    let own = nm_gettid()
    return machine.vcpuThreads.prefix(vcpus).filter { $0 != 0 && $0 != own }
  }

  private var ioThreads: [Int32] { machine.withLock { $0 }?.ioThreads ?? threadStore.withLock { $0.io } }

  /// What the windows of every job used, without the exits of their closing markers.
  var windows: [UInt32: WindowUse] {
    let (names, meanings, uncounted) = names.withLock { ($0.names, $0.meanings, $0.uncounted) }
    return state.withLock { state in
      state.closed.mapValues { sums in
        var use = sums.use
        for (name, value) in zip(names, sums.counts) {
          use.statistics[name] = value
          use.units[name] = meanings[name]?.unit
        }
        if let cost { use = cost.removed(from: use, windows: UInt64(sums.windows)) }
        use.uncounted = uncounted
        use.statistics = use.statistics.filter { $0.value > 0 || Self.alwaysKept.contains($0.key) }
        return use
      }
    }
  }

  /// Takes a marker on the workload's thread.
  func mark(_ value: UInt32) {
    let job = value & 0x00ff_ffff
    switch value & 0xff00_0000 {
    case NM_MARKER_OPEN: open(job)
    case NM_MARKER_CLOSE: close(job)
    default: break
    }
  }

  private func open(_ job: UInt32) {
    let noise = noiseSample()
    let (workers, io) = (Self.time(workers), ioTime())
    guard let times = try? ThreadTimes.current() else { return }
    let counts = counts()
    // Perf events last: they are what the other readings would add to.
    let opening = Opening(
      times: times, workers: workers, io: io, noise: noise, counts: counts, events: readCounters())
    state.withLock { state in
      // Markers are a guest's writes: it may name any number of jobs, and gets no more memory than a boot's jobs need.
      guard state.open[job] != nil || state.open.count + state.closed.count < Int(NM_MAX_JOBS) else { return }
      state.open[job] = opening
    }
  }

  private func close(_ job: UInt32) {
    let events = readCounters()
    guard let times = try? ThreadTimes.current() else { return }
    let (workers, io) = (Self.time(workers), ioTime())
    let counts = counts()
    let isCount = names.withLock { $0.isCount }
    state.withLock { state in
      guard let opened = state.open.removeValue(forKey: job), opened.counts.count == counts.count else { return }
      let used = times.since(opened.times)
      var use = WindowUse(workload: used.cpu, io: nil, involuntarySwitches: used.involuntarySwitches, noise: nil)
      if let workers, let before = opened.workers { use.workload &+= workers &- before }
      if let io, let before = opened.io { use.io = io &- before }
      if let before = opened.noise, let now = noiseSample() { use.noise = now.since(before) }
      for (key, reading) in events {
        if let before = opened.events[key] { use.events[key] = reading.since(before) }
      }
      // What is no count, such as a number of pages, has its value at the window's end.
      let differences = counts.indices.map { isCount[$0] ? counts[$0] &- opened.counts[$0] : counts[$0] }
      guard var sums = state.closed[job] else {
        state.closed[job] = Sums(use: use, counts: differences)
        return
      }
      // Where legs take turns a job has a window in each.
      sums.use.add(use)
      for index in differences.indices {
        sums.counts[index] = isCount[index] ? sums.counts[index] &+ differences[index] : differences[index]
      }
      sums.windows += 1
      state.closed[job] = sums
    }
  }

  /// Counts that say something by being zero.
  private static let alwaysKept = [
    "vcpu.exits", "vcpu.io_exits", "vcpu.mmio_exits", "vcpu.halt_exits", "vcpu.halt_wakeup", "vcpu.irq_injections",
    "monitor.port_reads", "monitor.port_writes", "monitor.mmio_reads", "monitor.mmio_writes", "monitor.doorbells",
    "monitor.interrupts", "monitor.io_wakeups", "monitor.backend_requests", "monitor.backend_calls",
    "monitor.backend_copies",
  ]

  private func counts() -> [UInt64] { machine.withLock { $0 }?.counts() ?? [] }

  /// Of the leg's CPUs and threads.
  private func noiseSample() -> NoiseSample? {
    guard let noise else { return nil }
    let (own, io) = ([nm_gettid()] + workers, ioThreads)
    let hasIO = !io.isEmpty || process.load(ordering: .relaxed) != 0
    guard hasIO, !ioCPUs.isEmpty else { return try? noise.sample(cpus: cpus, threads: own) }
    return try? noise.sample(cpus: Set(cpus + ioCPUs).sorted(), threads: own + io)
  }

  /// CPU nanoseconds of what does the leg's I/O; nil where there is nothing, or it is gone.
  private func ioTime() -> UInt64? {
    let process = process.load(ordering: .relaxed)
    return process == 0 ? Self.time(ioThreads) : try? ThreadTimes.cpu(ofProcess: process)
  }

  /// CPU nanoseconds of some threads together; nil where there are none, or one is gone.
  private static func time(_ threads: [Int32]) -> UInt64? {
    var sum: UInt64 = 0
    for thread in threads {
      guard let time = try? ThreadTimes.cpu(of: thread) else { return nil }
      sum &+= time
    }
    return threads.isEmpty ? nil : sum
  }
}
