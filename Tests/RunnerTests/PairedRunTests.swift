import Definitions
import KVM
import LinuxSystem
import Results
import Testing
import Verdicts

@testable import Runner

/// Native legs alone: what is tested is how they are put together.
@Suite struct PairedRunTests {
  private func paired(
    iterations: Int, turn: String = "none", interruption: Interruption = Interruption()
  ) throws -> PairedRun {
    let suite = try SuiteReader.parse(
      "name: s\nblocks: 2\nwarmup: 1ms\nwindow: 2ms\nturn: \(turn)\nmemory: 64MiB\nmachines: [native]\n"
        + "workloads: [cpu.integer, cpu.float]",
      path: "s.yaml")
    let options = Run.Options(
      seed: 5, command: ["test"], tool: ToolRecord(version: "1", revision: "r", swift: "6.3"))
    return try PairedRun(suite, options, iterations: iterations, interruption)
  }

  @Test func bothSidesHaveEveryLegOfEveryBlockAndShareAnInterleaving() throws {
    var paired = try paired(iterations: 3)
    var boots = 0
    let pair = try #require(paired.measure("0", slowing: nil) { _ in boots += 1 })
    // A busy machine disturbs legs, which run again, and the other windows of whose boots do not count.
    #expect(boots >= 8 && paired.size(slowing: nil) == (8, 2))
    for (side, repeats) in [(pair.base, pair.baseRepeats), (pair.head, pair.headRepeats)] {
      let firsts = side.legs.filter { $0.attempt == 1 }
      #expect(repeats.count == 8 - 2 * (side.legs.count - firsts.count))
      #expect(firsts.count == 4 && side.legs.allSatisfy { $0.status == .ok })
      #expect(Set(firsts.map(\.block)) == [0, 1] && Set(firsts.map(\.id)).count == 4)
      #expect(side.run.injection == nil)
    }
    #expect(pair.base.run.interleaving != nil && pair.base.run.interleaving == pair.head.run.interleaving)
    #expect(pair.base.run.id != pair.head.run.id)
    #expect(pair.windowSeconds == 0.003)
    let next = try #require(paired.measure("1", slowing: nil) { _ in })
    #expect(next.base.run.interleaving != pair.base.run.interleaving)
  }

  @Test func sidesThatTakeTurnsHaveOneTurnEachOfTheNativeLegsRounds() throws {
    var paired = try paired(iterations: 1, turn: "200us")
    var steps = 0
    let pair = try #require(paired.measure("0", slowing: nil) { _ in steps += 1 })
    #expect(steps == 4 && paired.size(slowing: nil) == (4, 2))
    #expect(pair.base.legs.count == 4 && pair.head.legs.count == 4)
    for (base, head) in zip(pair.base.legs, pair.head.legs) {
      #expect(base.status == .ok && base.id == head.id, "\(base.reason ?? "")")
      let (ours, theirs) = (try #require(base.turns), try #require(head.turns))
      #expect(ours.windows.count == 10 && ours.windows == theirs.twin && ours.twin == theirs.windows)
      #expect(base.metrics.allSatisfy { TurnsRecord.Figure(metric: $0.name, of: base.workload) != nil })
    }
  }

  @Test(.enabled(if: (try? System()) != nil, "needs a /dev/kvm that this user may open"))
  func exitsOfOneSideTakeTurnsWithThoseOfTheOther() throws {
    let suite = try SuiteReader.parse(
      "name: s\nblocks: 1\nwarmup: 1ms\nwindow: 4ms\nmemory: 64MiB\nmachines: [nearmetal]\n"
        + "workloads: [exits.cpuid, exits.pio.user, exits.irqfd]",
      path: "s.yaml")
    let options = Run.Options(
      seed: 5, command: ["test"], tool: ToolRecord(version: "1", revision: "r", swift: "6.3"))
    var paired = try PairedRun(suite, options, iterations: 1, Interruption())
    var steps = 0
    let pair = try #require(paired.measure("0", slowing: nil) { _ in steps += 1 })
    #expect(steps == 3 && paired.size(slowing: nil) == (3, 3))
    let sides = [pair.base, pair.head].map { Series.all(in: $0.legs).filter { $0.key.subject.metric == "cost" } }
    for (base, head) in zip(sides[0], sides[1]) {
      let ratio = try #require(head.ratios(over: base).first?.ratio)
      #expect(try #require(ratio.rounds).count >= 5)
      #expect(ratio.logarithm.isFinite)
    }
    let irqfd = pair.base.legs.first { $0.workload.id == "exits.irqfd" }
    #expect(sides[0].count == (irqfd?.status == .ok ? 3 : 2) && sides[1].count == sides[0].count)
  }

  @Test func aPairWithASlowdownHoldsOnlyWhatItReaches() throws {
    var paired = try paired(iterations: 1)
    let pair = try #require(
      paired.measure("0", slowing: InjectionRecord(.guestDelay, amount: 10)) { _ in })
    #expect(pair.base.legs.isEmpty && pair.head.legs.isEmpty)
    #expect(pair.head.run.injection == InjectionRecord(.guestDelay, amount: 10) && pair.base.run.injection == nil)
  }

  @Test func anInterruptionLeavesNoHalfPair() throws {
    let interruption = Interruption()
    var paired = try paired(iterations: 1, interruption: interruption)
    var boots = 0
    let pair = paired.measure("0", slowing: nil) { _ in
      boots += 1
      if boots == 3 { interruption.request() }
    }
    #expect(boots == 3)
    #expect(pair == nil)
  }
}
