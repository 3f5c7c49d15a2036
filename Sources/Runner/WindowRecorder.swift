import Counters
import ProbeABI
import Synchronization
import Topology

/// Reads clocks at the edges of windows, on the thread that runs the workload. The readings stand outside the window: the
/// probe takes its own time after the opening marker and before the closing one.
final class WindowRecorder: Sendable {
  private struct State {
    var open: [UInt32: (times: ThreadTimes, io: ThreadTimes?, noise: NoiseSample?)] = [:]
    var closed: [UInt32: WindowUse] = [:]
  }

  private let state = Mutex(State())
  private let cpus: [Int]
  /// Kernel thread id of the I/O thread; 0 while there is none.
  let ioThread = Atomic<Int32>(0)

  /// - Parameter cpus: CPUs whose steal time counts as noise.
  init(cpus: [Int]) {
    self.cpus = cpus
  }

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
    state.withLock { $0.open[job] = (times, io, noise) }
  }

  private func close(_ job: UInt32) {
    guard let times = try? ThreadTimes.current() else { return }
    let io = ioTimes()
    state.withLock { state in
      guard let opened = state.open.removeValue(forKey: job) else { return }
      let used = times.since(opened.times)
      var use = WindowUse(workload: used.cpu, io: nil, involuntarySwitches: used.involuntarySwitches, noise: nil)
      if let io, let before = opened.io { use.io = io.since(before).cpu }
      if let before = opened.noise, let now = try? NoiseSample(cpus: cpus) { use.noise = now.since(before) }
      state.closed[job] = use
    }
  }

  private func ioTimes() -> ThreadTimes? {
    let thread = ioThread.load(ordering: .acquiring)
    return thread == 0 ? nil : try? ThreadTimes.of(thread: thread)
  }
}
