import Foundation
import Results
import Statistics
import Testing
import Verdicts

@Suite("Calibrations")
struct CalibratorTests {
  private let slowdown = InjectionRecord(.ioSlow, amount: 10)

  /// A pair on two places, with one further window a leg.
  /// - Parameter factor: of the head's figures to the base's.
  private func pair(
    _ number: Int, factor: Double = 1, spread: Double = 0.01, blocks: Int = 8, seed: UInt64
  ) -> CalibrationPair {
    var random = SeededRandom(seed: seed)
    func legs(_ factor: Double) -> [LegRecord] {
      (0..<blocks).flatMap { block in
        [
          MadeUp.leg(
            block, .nearmetal, .polled, "block.randread", ["qd": "1"],
            [MadeUp.metric("iops", "IOPS", 1000 * factor * exp(spread * random.gaussian()), .higher)]),
          MadeUp.leg(
            block, .nearmetal, .guest, "exits.cpuid", [:],
            [MadeUp.metric("cost", "ns", 4000 / factor * exp(spread * random.gaussian()))]),
        ]
      }
    }
    let (base, head) = (legs(1), legs(factor))
    return CalibrationPair(
      base: MadeUp.result("\(number)a", legs: base, blocks: 8, interleaving: "\(number)"),
      head: MadeUp.result("\(number)b", legs: head, blocks: 8, interleaving: "\(number)"),
      baseRepeats: legs(1), headRepeats: legs(factor), windowSeconds: 0.04, legSeconds: 0.1)
  }

  @Test("Each place of a pair is one decision, and a whole pair is a gate of its own")
  func counts() throws {
    var calibrator = Calibrator()
    for number in 0..<3 { try calibrator.add(pair(number, seed: UInt64(number + 1)), number: number, injection: nil) }
    #expect(calibrator.count(nil) == 6 && calibrator.count(slowdown) == 0)
    #expect(calibrator.rate(nil) == RateRecord(0, of: 6, level: 0.95))
    #expect(calibrator.rate(slowdown).low == nil)
    let record = record(calibrator)
    #expect(record.gateAlarms.trials == 3 && record.gateAlarms.count == 0)
    #expect(record.detections.isEmpty)
  }

  @Test("What the gate calls a regression between equal sides is a false alarm, between slowed ones a detection")
  func alarmsAndDetections() throws {
    var calibrator = Calibrator()
    // Sides that only claim to be equal.
    try calibrator.add(pair(0, factor: 0.8, seed: 1), number: 0, injection: nil)
    for number in 0..<4 {
      try calibrator.add(pair(number, factor: 0.9, seed: UInt64(number + 2)), number: number, injection: slowdown)
    }
    let record = record(calibrator)
    #expect(record.falseAlarms.count == 2 && record.gateAlarms.count == 1)
    let detection = try #require(record.detections.first)
    #expect(detection.injection == slowdown && detection.rate.count == 8 && detection.rate.trials == 8)
    #expect(detection.ratios.count == 2 && detection.ratios.values.allSatisfy { abs($0 - 0.9) < 0.01 })
    // Exact bounds for 8 of 8: (0.025)^(1/8).
    #expect(abs((detection.rate.low ?? 0) - pow(0.025, 1 / 8)) < 1e-9 && detection.rate.high == 1)
    #expect(detection.misses?.isEmpty == true)
  }

  @Test("What was missed says why, and how often for that reason")
  func misses() throws {
    var calibrator = Calibrator()
    try calibrator.add(pair(0, factor: 0.9, seed: 2), number: 0, injection: slowdown)
    try calibrator.add(pair(1, factor: 0.9, blocks: 6, seed: 3), number: 1, injection: slowdown)
    try calibrator.add(pair(2, factor: 1, spread: 0.001, seed: 4), number: 2, injection: slowdown)
    try calibrator.add(pair(3, factor: 0.95, spread: 0.2, seed: 5), number: 3, injection: slowdown)
    let detection = try #require(record(calibrator).detections.first)
    #expect(detection.rate.count == 2 && detection.rate.trials == 8)
    #expect(
      detection.misses == [
        "6 blocks with a figure above 0 cannot decide at alpha 0.01: at least 7 are needed": 2,
        "it seemed unchanged": 2,
        "its interval holds 1 as well as a slowdown": 2,
      ])
  }

  @Test("The noise that was put in is the noise that is found")
  func noise() throws {
    var calibrator = Calibrator()
    for number in 0..<40 {
      try calibrator.add(pair(number, spread: 0.02, seed: UInt64(number + 50)), number: number, injection: nil)
    }
    let record = record(calibrator)
    #expect(record.metrics.map(\.metric) == ["iops", "cost"])
    for metric in record.metrics {
      // A block's log-ratio scatters by √2 × 0.02.
      let expected = DetectableEffect.noiseFloor(spread: 0.02 * 2.0.squareRoot(), blocks: 8, alpha: 0.01)
      #expect(abs(metric.noiseFloor - expected) < 0.12 * expected)
      #expect(metric.minimumDetectableEffect > metric.noiseFloor && metric.pairs == 40)
      let variance = try #require(metric.variance)
      // Windows of a leg were drawn as independently as legs were.
      #expect(abs(variance.iteration - 0.02) < 0.002 && variance.leg < 0.008 && variance.block < 0.008)
      #expect((metric.blocksForFivePercent ?? 0) >= 7)
      #expect((metric.iterations ?? 0) > 1)
    }
    let comparison = ComparisonRecord(
      workload: Workload("exits.cpuid"), metric: "cost", unit: "ns", direction: .lower, path: Path(.nearmetal, .guest),
      reference: .qemu, value: 1, referenceValue: 1, ratio: 1, low: nil, high: nil, level: 0.95, blocks: 1)
    #expect(record.noise(of: comparison)?.metric == "cost")
  }

  @Test("A place that has no leg on a side gives no decision and says why; the others do")
  func leftOut() throws {
    func end(_ workload: String, _ status: LegStatus, _ legs: inout [LegRecord]) {
      for index in legs.indices where legs[index].workload.id == workload {
        (legs[index].status, legs[index].reason, legs[index].metrics) = (status, "so it was", [])
      }
    }
    var pair = pair(0, seed: 3)
    end("exits.cpuid", .failed, &pair.head.legs)
    var calibrator = Calibrator()
    try calibrator.add(pair, number: 0, injection: nil)
    #expect(calibrator.count(nil) == 1)
    #expect(calibrator.leftOut == ["exits.cpuid, nearmetal guest": "failed: so it was"])
    end("block.randread", .skipped, &pair.base.legs)
    var nothing = Calibrator()
    try nothing.add(pair, number: 0, injection: nil)
    #expect(nothing.count(nil) == 0 && nothing.leftOut.count == 2)
    #expect(record(nothing).gateAlarms.trials == 0)
  }

  private func record(_ calibrator: Calibrator) -> CalibrationRecord {
    calibrator.record(
      fingerprint: "f00d", suite: "calibrate", tool: ToolRecord(version: "1", revision: "r", swift: "6.3"),
      startedAt: "2026-11-22T10:15:00Z", blocks: 8)
  }

  // MARK: Keeping

  @Test("A calibration is kept by host, replaced by the next one, and read back the same")
  func store() throws {
    let folder = NSTemporaryDirectory() + "nearmetal-calibration-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = CalibrationStore(folder: folder)
    #expect(try store.read("f00d") == nil)
    var calibrator = Calibrator()
    try calibrator.add(pair(0, seed: 1), number: 0, injection: nil)
    try store.write(record(calibrator))
    try calibrator.add(pair(0, factor: 0.9, seed: 2), number: 0, injection: slowdown)
    try store.write(record(calibrator))
    #expect(try store.read("f00d") == record(calibrator))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["f00d.json"])
    #expect(store.path(of: "../a/b").hasSuffix("/___a_b.json"))
  }

  @Test("A file that is no calibration of the host is said in one line")
  func damagedStore() throws {
    let folder = NSTemporaryDirectory() + "nearmetal-calibration-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = CalibrationStore(folder: folder)
    try store.write(record(Calibrator()))
    try FileManager.default.copyItem(atPath: store.path(of: "f00d"), toPath: store.path(of: "beef"))
    try Data("{\"schema\": 1".utf8).write(to: URL(fileURLWithPath: store.path(of: "dead")))
    for host in ["beef", "dead"] {
      let error = #expect(throws: CalibrationError.self) { try store.read(host) }
      #expect(error?.description.contains("\n") == false && error?.description.contains("\(host).json") == true)
    }
  }

  @Test("The default place follows the XDG base directories")
  func location() {
    #expect(CalibrationStore(environment: ["XDG_STATE_HOME": "/s"]).folder == "/s/nearmetal/calibration")
    #expect(
      CalibrationStore(environment: ["XDG_STATE_HOME": "s", "HOME": "/h"]).folder
        == "/h/.local/state/nearmetal/calibration")
  }
}
