import CLinux
import LinuxSystem
import Testing
import Topology

@testable import Counters

@Suite struct NoiseLimitsTests {
  private func noise(
    elapsed: UInt64 = 100_000_000, steal: UInt64 = 0, switches: UInt64 = 0, others: UInt64? = nil,
    _ change: (inout Noise) -> Void = { _ in }
  ) -> Noise {
    var noise = Noise(elapsed: elapsed, cpuCount: 1, steal: steal, involuntarySwitches: switches, runDelay: 5)
    noise.others = others
    change(&noise)
    return noise
  }

  private func found(_ noise: Noise) -> [Disturbance] { NoiseLimits.standard.disturbances(in: noise) }

  @Test func aQuietWindowIsValid() {
    let quiet = noise(steal: 1_000_000, switches: 90_000, others: 0) {
      ($0.longestHiccup, $0.clockRatio, $0.throttleEvents) = (10_000_000, 0.9, 0)
    }
    #expect(found(quiet).isEmpty)
  }

  @Test func whatWasNotMeasuredDisturbsNothing() {
    #expect(found(noise()).isEmpty)
    #expect(found(noise(elapsed: 0, steal: 5, switches: 500, others: 5)).isEmpty)
    #expect(noise().figures.keys.sorted() == ["involuntarySwitches", "runDelaySeconds", "stealSeconds"])
  }

  @Test func whatComesFromOutsideAsksForARepetition() {
    let cases: [(Noise, String)] = [
      (noise(steal: 10_000_000), "took 10.0 % of the window"),
      (noise(others: 30_000_000), "other processes took 30.0 %"),
      (noise { $0.longestHiccup = 25_000_000 }, "stood still for 25 ms"),
      (noise { $0.throttleEvents = 2 }, "slowed for its heat 2 times"),
    ]
    for (noise, text) in cases {
      let disturbances = found(noise)
      #expect(disturbances.count == 1 && disturbances[0].repeats)
      #expect(disturbances.first?.reason.contains(text) == true, "\(disturbances)")
    }
  }

  @Test func whatTicksCannotTellIsNoTimeOfOthers() {
    #expect(found(noise(others: 20_000_000)).isEmpty)
    #expect(found(noise(elapsed: 1_000_000_000, others: 50_000_000)).isEmpty)
    #expect(found(noise(elapsed: 1_000_000_000, others: 60_000_000)).count == 1)
  }

  @Test func aBusyNeighbourOnTheCPUShows() throws {
    let cpu = try #require(try CPUAffinity.allowed().first)
    let allowed = try CPUAffinity.allowed()
    try CPUAffinity.pin(thread: 0, to: [cpu])
    defer { try? CPUAffinity.pin(thread: 0, to: allowed) }
    let ends = MonotonicClock.now + 300_000_000
    let neighbour = try PinnedThread(name: "busy", cpu: cpu) { while MonotonicClock.now < ends {} }
    let before = try NoiseSample(cpus: [cpu], threads: [nm_gettid()])
    while MonotonicClock.now < ends {}
    let noise = try NoiseSample(cpus: [cpu], threads: [nm_gettid()]).since(before)
    neighbour.join()
    // Half of the CPU is the neighbour's, less where yet others want it: a tenth shows it.
    #expect(try #require(noise.othersShare) > 0.1)
  }

  @Test func aSlowClockMarksAndDoesNotRepeat() {
    let disturbances = found(noise { $0.clockRatio = 0.5 })
    #expect(disturbances.map(\.repeats) == [false])
  }

  @Test func aWatchHasFiguresOrReasonsForEverything() throws {
    let allowed = try CPUAffinity.allowed()
    let watch = NoiseWatch(legs: [allowed[0]], allowed: allowed, topology: try CPUTopology())
    let before = try watch.sample(cpus: [allowed[0]])
    // A hiccup thread counts from its first wake-up on.
    let deadline = MonotonicClock.now + 10_000_000_000
    while watch.hiccupCPU != nil, try watch.sample(cpus: []).since(before).longestHiccup == nil,
      MonotonicClock.now < deadline
    {}
    let figures = try watch.sample(cpus: [allowed[0]]).since(before).figures
    let names = ["hiccups": "longestHiccupMilliseconds"]
    for name in ["hiccups", "clockRatio", "frequencyMHz", "throttleEvents"] {
      let figure = figures[names[name] ?? name]
      #expect((figure == nil) == (watch.absent[name] != nil), "\(name): \(String(describing: figure))")
    }
  }

  @Test func aHostWithThermalCountsAndFrequenciesShowsThem() throws {
    var host: [String: String] = [:]
    for name in ["core_throttle_count", "package_throttle_count"] {
      host["/sys/devices/system/cpu/cpu0/thermal_throttle/\(name)"] = "3\n"
    }
    host["/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq"] = "3100000\n"
    let tree = try FileTree(host)
    let watch = NoiseWatch(legs: [0], allowed: [0], topology: CPUTopology(cpus: []), files: tree.files)
    let before = try watch.sample(cpus: [0])
    try tree.write("/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "5\n")
    let noise = try watch.sample(cpus: [0]).since(before)
    #expect(noise.throttleEvents == 2 && noise.frequencyMHz == 3100)
    #expect(watch.absent.keys.sorted() == ["clockRatio", "hiccups"])
  }
}
