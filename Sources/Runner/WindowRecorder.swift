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
  }

  private let state = Mutex(State())
  private let cpus: [Int]
  private let machine = Mutex<VirtualMachine.Machine?>(nil)
  private let thread = Atomic<Int32>(0)

  /// - Parameter cpus: CPUs whose steal time counts as noise.
  init(cpus: [Int]) {
    self.cpus = cpus
  }

  /// Tells whose KVM statistics and I/O thread belong to the windows.
  func watch(_ machine: VirtualMachine.Machine) { self.machine.withLock { $0 = machine } }

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
    case NM_MARKER_OPEN: open(job)
    case NM_MARKER_CLOSE: close(job)
    default: break
    }
  }

  private func open(_ job: UInt32) {
    let noise = try? NoiseSample(cpus: cpus)
    let io = ioTimes()
    guard let times = try? ThreadTimes.current() else { return }
    let opening = Opening(times: times, io: io, noise: noise, statistics: statistics())
    state.withLock { state in
      // Markers are a guest's writes: it may name any number of jobs, and gets no more memory than a boot's jobs need.
      guard state.open[job] != nil || state.open.count + state.closed.count < Int(NM_MAX_JOBS) else { return }
      state.open[job] = opening
    }
  }

  private func close(_ job: UInt32) {
    guard let times = try? ThreadTimes.current() else { return }
    let io = ioTimes()
    let statistics = statistics()
    state.withLock { state in
      guard let opened = state.open.removeValue(forKey: job) else { return }
      let used = times.since(opened.times)
      var use = WindowUse(workload: used.cpu, io: nil, involuntarySwitches: used.involuntarySwitches, noise: nil)
      if let io, let before = opened.io { use.io = io.since(before).cpu }
      if let before = opened.noise, let now = try? NoiseSample(cpus: cpus) { use.noise = now.since(before) }
      for (name, value) in statistics { use.statistics[name] = value &- (opened.statistics[name] ?? value) }
      for name in Self.markerCounters where use.statistics[name] ?? 0 > 0 { use.statistics[name]! -= 1 }
      use.statistics = use.statistics.filter { $0.value > 0 || Self.alwaysKept.contains($0.key) }
      state.closed[job] = use
    }
  }

  /// What the closing marker's own exit adds to.
  private static let markerCounters = ["vcpu.exits", "vcpu.io_exits"]
  /// Counts that say something by being zero.
  private static let alwaysKept = [
    "vcpu.exits", "vcpu.io_exits", "vcpu.mmio_exits", "vcpu.halt_exits", "vcpu.irq_injections",
  ]

  private func statistics() -> [String: UInt64] { machine.withLock { $0 }?.statistics() ?? [:] }

  private func ioTimes() -> ThreadTimes? {
    let thread = machine.withLock { $0 }?.ioThread ?? thread.load(ordering: .relaxed)
    guard thread != 0 else { return nil }
    return try? ThreadTimes.of(thread: thread)
  }
}
