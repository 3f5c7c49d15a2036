import Foundation
import Results
import Testing
import Verdicts

@Suite("Claims")
struct ClaimJudgeTests {
  static let noise = [0.99, 1.005, 1.0, 1.012, 0.996, 0.988, 1.003, 1.01, 0.995, 1.001]

  func claim(
    _ id: String = "c", margin: Double = 0.9, qd: String? = "1", mode: Mode = .polled,
    reference: Path = .native,
    test: ClaimTest = .nonInferiority, requirement: ClaimRequirement = .nonBlocker
  ) -> Claim {
    Claim(
      id: id, text: "t", source: "s",
      workload: Workload("block.randread", qd.map { ["qd": ParameterValue($0)] } ?? [:]), metric: "iops",
      path: Path(.nearmetal, mode), reference: reference, test: test, margin: margin, level: 0.95,
      requirement: requirement)
  }

  /// Native legs at 1000 and polled, paravirtual and QEMU's paravirtual ones at shares of it, at each queue depth.
  func result(polled: [String: Double] = ["1": 0.95], blocks: Int = 10, paravirtual: Double = 0.7) -> RunResult {
    var legs: [LegRecord] = []
    for (qd, share) in polled.sorted(by: { $0.key < $1.key }) {
      for block in 0..<blocks {
        for (machine, mode, factor) in [
          (Machine.native, Mode.native, 1.0), (.nearmetal, .polled, share), (.nearmetal, .paravirtual, paravirtual),
          (.nearmetal, .emulated, 0.1), (.qemu, .paravirtual, 0.5),
        ] {
          let value = 1000 * factor * (machine == .native ? 1 : Self.noise[block % 10])
          legs.append(
            MadeUp.leg(
              block, machine, mode, "block.randread", ["bs": "4KiB", "qd": ParameterValue(qd)],
              [MadeUp.metric("iops", "IOPS", value, .higher)]))
        }
      }
    }
    return MadeUp.result("r", legs: legs, blocks: blocks)
  }

  @Test(
    "The interval decides, and agrees with the verdict",
    arguments: [(0.9, ClaimVerdict.pass), (0.95, .inconclusive), (0.98, .fail)])
  func interval(margin: Double, verdict: ClaimVerdict) throws {
    let record = try #require(ClaimJudge.decide([claim(margin: margin)], result()).first)
    let (low, high) = (try #require(record.low), try #require(record.high))
    #expect(record.verdict == verdict && record.blocks == 10)
    #expect((low >= margin) == (verdict == .pass) && (high < margin) == (verdict == .fail))
    #expect((record.blocksToDecide ?? 0 > 10) == (verdict == .inconclusive))
  }

  @Test(
    "The emulated disk is the counterpart of any virtio one, whatever its transport and ring"
  )
  func counterparts() throws {
    let paths: [(Mode, [String: ParameterValue], Double)] = [
      (.paravirtual, ["transport": "pci"], 800), (.paravirtual, [:], 900), (.paravirtual, ["ring": "packed"], 700),
      (.emulated, [:], 100),
    ]
    var legs: [LegRecord] = []
    for block in 0..<10 {
      for (mode, extra, value) in paths {
        let parameters = ["bs": ParameterValue("4KiB"), "qd": "1"].merging(extra) { old, _ in old }
        legs.append(
          MadeUp.leg(
            block, .nearmetal, mode, "block.randread", parameters,
            [MadeUp.metric("iops", "IOPS", value * Self.noise[block], .higher)]))
      }
    }
    let twice = claim(margin: 2, mode: .paravirtual, reference: Path(.nearmetal, .emulated), test: .superiority)
    let record = try #require(ClaimJudge.decide([twice], MadeUp.result("r", legs: legs, blocks: 10)).first)
    #expect(record.verdict == .pass && record.reason == nil)
    #expect(abs(try #require(record.ratio) - 7) < 0.2, "the weakest of the variants")
  }

  @Test("A hand-made interval: ten blocks, level 95 %, t = 2.262")
  func byHand() throws {
    let record = try #require(ClaimJudge.decide([claim()], result()).first)
    let logarithms = Self.noise.map { log(0.95 * $0) }
    let mean = logarithms.reduce(0, +) / 10
    let deviation = (logarithms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 9).squareRoot()
    let half = 2.262157162740992 * deviation / 10.0.squareRoot()
    #expect(try abs(#require(record.low) - exp(mean - half)) < 1e-9)
    #expect(try abs(#require(record.high) - exp(mean + half)) < 1e-9)
  }

  @Test("Blockers share their error: the same data decide one blocker and leave it open among many")
  func holm() throws {
    let sharp = claim("c0", margin: 0.944, requirement: .blocker)
    let alone = try #require(ClaimJudge.decide([sharp], result()).first)
    #expect(try alone.verdict == .pass && abs(#require(alone.level) - 0.95) < 1e-12)
    let many = [sharp] + (1...8).map { claim("c\($0)", margin: 0.946, requirement: .blocker) }
    let records = ClaimJudge.decide(many, result())
    #expect(records[0].verdict == .inconclusive)
    #expect(try #require(records[0].level) > 0.99 && (try #require(records[0].low)) < 0.944)
    // Those that block nothing do not count.
    let others = [sharp] + (1...8).map { claim("c\($0)", margin: 0.946) }
    #expect(ClaimJudge.decide(others, result())[0].verdict == .pass)
  }

  @Test("An extension that was declared widens the interval")
  func extensionWidens() throws {
    var run = result()
    run.run.extension = ExtensionRecord(blocks: 10)
    let record = try #require(ClaimJudge.decide([claim()], run).first)
    #expect(try abs(#require(record.level) - 0.975) < 1e-12)
  }

  @Test("An extension is needed for a blocker that its figures leave open, and for nothing else")
  func extensionIsNeeded() {
    let open = claim(margin: 0.95, requirement: .blocker)
    #expect(ClaimJudge.needsExtension([open], result()))
    #expect(!ClaimJudge.needsExtension([claim(margin: 0.95)], result()))
    #expect(!ClaimJudge.needsExtension([claim(margin: 0.9, requirement: .blocker)], result()))
    #expect(!ClaimJudge.needsExtension([claim(qd: "64", requirement: .blocker)], result()))
  }

  @Test("Too few blocks are inconclusive and say how many are needed, however good they look")
  func tooFew() throws {
    let record = try #require(ClaimJudge.decide([claim(margin: 0.5)], result(blocks: 3)).first)
    #expect(record.verdict == .inconclusive && record.ratio == nil)
    #expect(record.reason?.contains("at least 5 are needed") == true)
  }

  @Test("What was not measured is inconclusive and says so; what was skipped says why")
  func notMeasured() throws {
    let missing = try #require(ClaimJudge.decide([claim(qd: "64")], result()).first)
    #expect(missing.verdict == .inconclusive)
    #expect(missing.reason == "block.randread qd=64 was not measured on nearmetal polled")
    var run = result()
    for index in run.legs.indices where run.legs[index].path.mode == .polled {
      (run.legs[index].status, run.legs[index].reason, run.legs[index].metrics) = (.skipped, "one CPU only", [])
    }
    #expect(ClaimJudge.decide([claim()], run).first?.reason == "skipped: one CPU only")
  }

  @Test("Where parameters are left free, one failing set fails the claim and shows its figures")
  func allMustHold() throws {
    let run = result(polled: ["1": 0.95, "32": 0.75])
    let free = try #require(ClaimJudge.decide([claim(qd: nil)], run).first)
    #expect(try free.verdict == .fail && (#require(free.ratio)) < 0.8)
    #expect(ClaimJudge.decide([claim()], run).first?.verdict == .pass)
  }

  @Test("A mode is held against another mode, and a machine against a rival")
  func references() throws {
    let emulated = Path(.nearmetal, .emulated)
    let rival = Path(.qemu, .paravirtual)
    let claims = [
      claim("a", margin: 2, mode: .paravirtual, reference: emulated, test: .superiority),
      claim("b", margin: 1.3333, mode: .paravirtual, reference: rival, test: .superiority),
      claim("c", margin: 1.5, mode: .paravirtual, reference: rival, test: .superiority),
    ]
    let records = ClaimJudge.decide(claims, result())
    #expect(records.map(\.verdict) == [.pass, .pass, .fail])
    #expect(try abs(#require(records[0].ratio) - 7) < 1e-9 && abs(#require(records[1].ratio) - 1.4) < 1e-9)
  }

  @Test("That something runs is decided by legs that ran on both machines")
  func runs() throws {
    let rival = Path(.qemu, .paravirtual)
    let claim = claim(margin: 1, mode: .paravirtual, reference: rival, test: .runs)
    var run = result()
    #expect(ClaimJudge.decide([claim], run).first?.verdict == .pass)
    let index = try #require(run.legs.firstIndex { $0.path.machine == .qemu })
    (run.legs[index].status, run.legs[index].reason, run.legs[index].metrics) = (.failed, "a wrong byte", [])
    let failed = try #require(ClaimJudge.decide([claim], run).first)
    #expect(failed.verdict == .fail && failed.ratio == 0.95 && failed.reason?.contains("a wrong byte") == true)
    run.legs.removeAll { $0.path.machine == .qemu }
    #expect(ClaimJudge.decide([claim], run).first?.verdict == .inconclusive)
  }

  /// Native legs in each format, at shares of what raw reaches.
  private func formats(_ shares: [String: Double]) -> RunResult {
    let legs = shares.flatMap { format, share in
      (0..<10).map { block in
        let value = 1000 * share * (format == "raw" ? 1 : Self.noise[block])
        return MadeUp.leg(
          block, .native, .native, "block.randread", ["qd": "1", "format": ParameterValue(format)],
          [MadeUp.metric("iops", "IOPS", value, .higher)])
      }
    }
    return MadeUp.result("r", legs: legs, blocks: 10)
  }

  @Test("A claim on other parameters must hold for each value that it leaves free, and is not held against itself")
  func variants() throws {
    var claim = Claim(
      id: "formats", text: "t", source: "s", workload: Workload("block.randread", ["qd": "1"]), metric: "iops",
      path: .native, reference: .native, margin: 0.97, requirement: .blocker)
    claim.referenceParameters = ["format": "raw"]
    let good = try #require(ClaimJudge.decide([claim], formats(["raw": 1, "vhd": 1, "qcow2": 0.99])).first)
    #expect(good.verdict == .pass && good.referenceParameters == ["format": "raw"])
    #expect(good.referenceText == "format=raw" && abs(good.ratio! - 0.99) < 0.001)
    let bad = try #require(ClaimJudge.decide([claim], formats(["raw": 1, "vhd": 1, "qcow2": 0.9])).first)
    #expect(bad.verdict == .fail)
    let alone = try #require(ClaimJudge.decide([claim], formats(["vhd": 1])).first)
    #expect(alone.verdict == .inconclusive && alone.reason?.contains("format=raw") == true, "\(alone.reason ?? "")")
  }
}
