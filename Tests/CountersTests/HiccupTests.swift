import CLinux
import LinuxSystem
import Testing
import Topology

@testable import Counters

@Suite struct HiccupTests {
  @Test(arguments: [0, 1, 7, 8, 9, 1000, 123_456, 10_000_000, 1 << 40, .max] as [UInt64])
  func theLongestIsWithinAnEighthAbove(value: UInt64) throws {
    var counts = HiccupCounts()
    counts.add(3)
    counts.add(value)
    let longest = try #require(counts.longest)
    #expect(counts.samples == 2)
    #expect(longest >= max(value, 3) && longest - max(value, 3) <= max(value, 3) / 8)
  }

  @Test func aWindowHasOnlyWhatCameInIt() {
    var counts = HiccupCounts()
    counts.add(50_000_000)
    let opening = counts
    #expect(counts.since(opening).longest == nil)
    counts.add(100)
    let window = counts.since(opening)
    #expect(window.samples == 1 && window.longest! < 120)
  }

  @Test func theThreadWakesUpOnItsCPUAndKnowsItsCost() throws {
    let cpu = try #require(try CPUAffinity.allowed().last)
    let thread = try HiccupThread(cpu: cpu)
    let deadline = MonotonicClock.now + 10_000_000_000
    while thread.counts.samples < 20, MonotonicClock.now < deadline { sched_yield() }
    #expect(thread.counts.samples >= 20)
    let cost = try #require(thread.cost)
    #expect(cost > 0 && cost < 1)
  }

  private static let topology = CPUTopology(
    cpus: (0..<8).map {
      LogicalCPU(id: $0, package: 0, core: $0 % 4, siblings: [$0 % 4, $0 % 4 + 4], node: $0 % 4 / 2)
    })

  @Test(arguments: [
    ([0, 1], [0, 1, 2, 3, 4, 5, 6, 7], 2), ([2, 3], [0, 1, 2, 3], 0), ([0, 2], [0, 2, 3, 4, 5, 6, 7], 5),
  ])
  func theThreadGetsACoreOfItsOwnOnTheLegsNodeWherePossible(legs: [Int], allowed: [Int], cpu: Int) throws {
    #expect(try HiccupThread.cpu(beside: legs, allowed: allowed, topology: Self.topology) == cpu)
  }

  @Test func siblingsOfTheLegsAreNoPlaceForIt() {
    #expect(throws: Unavailable.self) {
      try HiccupThread.cpu(beside: [0, 1], allowed: [0, 1, 4, 5], topology: Self.topology)
    }
  }
}
