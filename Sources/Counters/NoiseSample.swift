import CLinux
import LinuxSystem
import Topology

/// What may disturb a window, read at its start or its end. Two samples make a ``Noise``.
public struct NoiseSample: Sendable {
  let time: UInt64
  let cpus: [Int: CPUTimes]
  let threads: [Int32: ThreadTimes]
  /// What a ``NoiseWatch`` adds, where it has it.
  var hiccups: HiccupCounts?
  var clocks: [Int: ClockMeter.Reading] = [:]
  var throttles: UInt64?
  var frequencyMHz: Double?

  /// Reads the times of these CPUs and the switches of these threads of this process: about three small files a thread.
  /// - Throws: `Unavailable` when a CPU is offline or a thread is gone.
  public init(cpus: [Int], threads: [Int32] = []) throws(Unavailable) {
    let all = try CPUTimes.all()
    var times: [Int: CPUTimes] = [:]
    for cpu in cpus {
      guard let found = all[cpu] else { throw Unavailable("/proc/stat has no CPU \(cpu): it is offline") }
      times[cpu] = found
    }
    var switches: [Int32: ThreadTimes] = [:]
    for thread in threads { switches[thread] = try ThreadTimes.of(thread: thread) }
    var now = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    (self.cpus, self.threads) = (times, switches)
    time = UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
  }

  /// What happened between an earlier sample and this one, on CPUs and threads that both know.
  public func since(_ earlier: NoiseSample) -> Noise {
    var steal: UInt64 = 0
    for (cpu, times) in cpus { steal += earlier.cpus[cpu].map { times.steal &- min($0.steal, times.steal) } ?? 0 }
    var (involuntary, delay): (UInt64, UInt64?) = (0, nil)
    for (thread, times) in threads {
      guard let before = earlier.threads[thread] else { continue }
      let used = times.since(before)
      involuntary += used.involuntarySwitches
      if let waited = used.runDelay { delay = (delay ?? 0) + waited }
    }
    var noise = Noise(
      elapsed: time &- earlier.time, cpuCount: cpus.keys.filter { earlier.cpus[$0] != nil }.count,
      steal: steal * 10_000_000, involuntarySwitches: involuntary, runDelay: delay)
    noise.others = others(since: earlier)
    if let hiccups, let before = earlier.hiccups { noise.longestHiccup = hiccups.since(before).longest }
    if let throttles, let before = earlier.throttles { noise.throttleEvents = throttles &- before }
    noise.clockRatio = clockRatio(since: earlier)
    noise.frequencyMHz = frequencyMHz
    return noise
  }

  /// Nil without threads: then nothing says which of the CPUs' time is the leg's own.
  private func others(since earlier: NoiseSample) -> UInt64? {
    guard !threads.isEmpty else { return nil }
    var (all, own): (UInt64, UInt64) = (0, 0)
    for (cpu, times) in cpus {
      all += (earlier.cpus[cpu].map { times.user &- min($0.user, times.user) } ?? 0) * 10_000_000
    }
    for (thread, times) in threads { own += (earlier.threads[thread].map { times.since($0).user } ?? 0) * 1000 }
    return all - min(all, own)
  }

  /// Nil where a CPU has no counters, and where none of the CPUs ran.
  private func clockRatio(since earlier: NoiseSample) -> Double? {
    var (actual, base) = (0.0, 0.0)
    for cpu in cpus.keys {
      guard let now = clocks[cpu], let before = earlier.clocks[cpu] else { return nil }
      actual += Double(now.actual &- before.actual)
      base += Double(now.base &- before.base)
    }
    return base > 0 ? actual / base : nil
  }
}
