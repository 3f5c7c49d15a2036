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
    var closed: [UInt32: WindowUse] = [:]
  }

  private struct Opening {
    let times: ThreadTimes
    let io: ThreadTimes?
    let noise: NoiseSample?
    let statistics: [String: UInt64]
    let events: [OpenCounters.Key: PerfReading]
  }

  private let state = Mutex(State())
  private let cpus: [Int]
  private let ioCPU: Int?
  private let noise: NoiseWatch?
  private let machine = Mutex<GuestMachine?>(nil)
  private let meanings = Mutex<[String: StatisticMeaning]>([:])
  private let plan: [CounterGroup]
  private let cost: MarkerCost?
  private let counters = Mutex<OpenCounters?>(nil)
  private let thread = Atomic<Int32>(0)

  /// - Parameters:
  ///   - cpus: CPUs whose steal time counts as noise.
  ///   - ioCPU: another one that is watched while the machine has an I/O thread, which runs there.
  ///   - noise: what watches for it; nil for windows whose noise nobody asks about.
  ///   - counters: perf events of the leg's threads.
  ///   - cost: what the closing marker adds; nil for a workload whose markers are no exits.
  init(
    cpus: [Int], ioCPU: Int? = nil, noise: NoiseWatch? = nil, counters: [CounterGroup] = [], cost: MarkerCost? = nil
  ) {
    self.cpus = cpus
    self.ioCPU = ioCPU
    self.noise = noise
    plan = counters
    self.cost = cost
  }

  /// Opens the perf events of the calling thread, of a machine's vCPUs and of its I/O thread, once. Comes before any window:
  /// opening one takes the kernel up to milliseconds.
  func openCounters() {
    guard !plan.isEmpty, counters.withLock({ $0 == nil }) else { return }
    let machine = machine.withLock { $0 }
    var threads = [OpenCounters.Thread("workload", id: nm_gettid(), runsGuest: machine != nil)]
    if let machine {
      for (index, id) in machine.vcpuThreads.enumerated().dropFirst() where id != 0 {
        threads.append(OpenCounters.Thread("vcpu\(index)", id: id, runsGuest: true))
      }
      if machine.ioThread != 0 { threads.append(OpenCounters.Thread("io", id: machine.ioThread, runsGuest: false)) }
    }
    let opened = OpenCounters(plan, on: threads)
    counters.withLock { $0 = opened }
  }

  private func readCounters() -> [OpenCounters.Key: PerfReading] { counters.withLock { $0 }?.read() ?? [:] }

  /// Tells whose KVM statistics and I/O thread belong to the windows.
  func watch(_ machine: GuestMachine) {
    meanings.withLock { $0 = machine.statisticMeanings }
    self.machine.withLock { $0 = machine }
  }

  /// Tells which thread does the I/O of a leg without a machine.
  func watch(ioThread: Int32) { thread.store(ioThread, ordering: .relaxed) }

  /// Lets go of the machine.
  func stopWatching() { machine.withLock { $0 = nil } }

  /// What every closed window used.
  var windows: [UInt32: WindowUse] { state.withLock { $0.closed } }

  /// Takes a marker on the workload's thread.
  func mark(_ value: UInt32) {
    let job = value & 0x00ff_ffff
    switch value & 0xff00_0000 {
    case NM_MARKER_BOOT: openCounters()
    case NM_MARKER_OPEN: open(job)
    case NM_MARKER_CLOSE: close(job)
    default: break
    }
  }

  private func open(_ job: UInt32) {
    let noise = noiseSample()
    let io = ioTimes()
    guard let times = try? ThreadTimes.current() else { return }
    let statistics = statistics()
    // Perf events last: they are what the other readings would add to.
    let opening = Opening(times: times, io: io, noise: noise, statistics: statistics, events: readCounters())
    state.withLock { state in
      // Markers are a guest's writes: it may name any number of jobs, and gets no more memory than a boot's jobs need.
      guard state.open[job] != nil || state.open.count + state.closed.count < Int(NM_MAX_JOBS) else { return }
      state.open[job] = opening
    }
  }

  private func close(_ job: UInt32) {
    let events = readCounters()
    guard let times = try? ThreadTimes.current() else { return }
    let io = ioTimes()
    let statistics = statistics()
    state.withLock { state in
      guard let opened = state.open.removeValue(forKey: job) else { return }
      let used = times.since(opened.times)
      var use = WindowUse(workload: used.cpu, io: nil, involuntarySwitches: used.involuntarySwitches, noise: nil)
      if let io, let before = opened.io { use.io = io.since(before).cpu }
      if let before = opened.noise, let now = noiseSample() { use.noise = now.since(before) }
      let meanings = meanings.withLock { $0 }
      for (name, value) in statistics {
        // What is no count, such as a number of pages, has its value at the window's end.
        let counts = meanings[name]?.isCount ?? true
        use.statistics[name] = counts ? value &- (opened.statistics[name] ?? value) : value
        use.units[name] = meanings[name]?.unit
      }
      for (key, reading) in events {
        if let before = opened.events[key] { use.events[key] = reading.since(before) }
      }
      if let cost { use = cost.removed(from: use) }
      use.statistics = use.statistics.filter { $0.value > 0 || Self.alwaysKept.contains($0.key) }
      state.closed[job] = use
    }
  }

  /// Counts that say something by being zero.
  private static let alwaysKept = [
    "vcpu.exits", "vcpu.io_exits", "vcpu.mmio_exits", "vcpu.halt_exits", "vcpu.halt_wakeup", "vcpu.irq_injections",
    "monitor.port_reads", "monitor.port_writes", "monitor.mmio_reads", "monitor.mmio_writes", "monitor.doorbells",
    "monitor.interrupts", "monitor.io_wakeups", "monitor.backend_requests",
  ]

  private func statistics() -> [String: UInt64] { machine.withLock { $0 }?.statistics() ?? [:] }

  /// Of the leg's CPUs and threads.
  private func noiseSample() -> NoiseSample? {
    let io = machine.withLock { $0 }?.ioThread ?? thread.load(ordering: .relaxed)
    let own = nm_gettid()
    guard io != 0, let ioCPU else { return try? noise?.sample(cpus: cpus, threads: [own]) }
    return try? noise?.sample(cpus: cpus + [ioCPU], threads: [own, io])
  }

  private func ioTimes() -> ThreadTimes? {
    let thread = machine.withLock { $0 }?.ioThread ?? thread.load(ordering: .relaxed)
    guard thread != 0 else { return nil }
    return try? ThreadTimes.of(thread: thread)
  }
}
