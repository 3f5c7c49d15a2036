import CLinux
import Counters
import LinuxSystem
import Testing
import Topology

@Suite struct NoiseTests {
  @Test func aWindowOnThisHostHasALengthAndItsCPUs() throws {
    let cpus = try CPUAffinity.allowed()
    let before = try NoiseSample(cpus: cpus, threads: [nm_gettid()])
    let noise = try NoiseSample(cpus: cpus, threads: [nm_gettid()]).since(before)
    #expect(noise.elapsed > 0)
    #expect(noise.cpuCount == cpus.count)
    #expect(noise.stealShare != nil)
  }

  @Test func aCPUThatIsOfflineIsAnError() {
    #expect(throws: Unavailable.self) { try NoiseSample(cpus: [CPUList.highest]) }
  }

  @Test func theShareOfStealIsOfAllWatchedCPUs() {
    let noise = Noise(elapsed: 1_000_000_000, cpuCount: 2, steal: 200_000_000, involuntarySwitches: 0, runDelay: nil)
    #expect(noise.stealShare == 0.1)
  }

  @Test func anEmptyWindowHasNoShare() {
    #expect(Noise(elapsed: 0, cpuCount: 2, steal: 0, involuntarySwitches: 0, runDelay: nil).stealShare == nil)
    #expect(Noise(elapsed: 5, cpuCount: 0, steal: 0, involuntarySwitches: 0, runDelay: nil).stealShare == nil)
  }

  @Test func touchedMemoryShowsInTheFootprint() throws {
    let before = try MemoryFootprint()
    let memory = try Mapping.anonymous(count: 64 << 20)
    for page in 0..<(64 << 20) / 4096 {
      unsafe memory.base.storeBytes(of: 1, toByteOffset: page * 4096, as: UInt8.self)
    }
    let after = try MemoryFootprint()
    // Half of it leaves room for what other tests release meanwhile.
    #expect(after.resident > before.resident + 32 << 20)
    #expect(after.proportional <= after.resident)
  }
}
