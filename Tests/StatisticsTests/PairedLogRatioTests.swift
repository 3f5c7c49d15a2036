import Statistics
import Testing

@Suite("Paired log-ratio")
struct PairedLogRatioTests {
  @Test("Estimate and interval are those of the definition, worked by hand")
  func workedByHand() throws {
    // Ratios 0.5, 2, 1: logarithms −ln 2, ln 2, 0; mean 0, s = ln 2, standard error ln 2 / √3, t(2) = 4.302652729749464.
    let ratio = try PairedLogRatio(mode: [50, 200, 70], reference: [100, 100, 70], higherIsBetter: true)
    let interval = try #require(ratio.interval(level: 0.95))
    #expect(abs(ratio.estimate - 1) < 1e-15)
    // exp(4.302652729749464 · 0.6931471805599453 / 1.7320508075688772)
    #expect(abs(interval.high - 5.594998373301473) < 1e-12)
    #expect(abs(interval.low * interval.high - 1) < 1e-12)
  }

  @Test("A lower-is-better metric is turned over, so that above 1.0 is better than the reference")
  func orientation() throws {
    let latency = try PairedLogRatio(mode: [20, 20], reference: [10, 10], higherIsBetter: false)
    #expect(abs(latency.estimate - 0.5) < 1e-15)
    let throughput = try PairedLogRatio(mode: [20, 20], reference: [10, 10], higherIsBetter: true)
    #expect(abs(throughput.estimate - 2) < 1e-15)
  }

  @Test("What a block's legs share cancels: a drift of the host leaves the interval as narrow as it was")
  func driftCancels() throws {
    let reference = [100.0, 150, 220, 330, 500, 700]
    let mode = reference.map { $0 * 0.9 }
    let interval = try #require(
      PairedLogRatio(mode: mode, reference: reference, higherIsBetter: true).interval(level: 0.95))
    #expect(abs(interval.low - 0.9) < 1e-12 && abs(interval.high - 0.9) < 1e-12)
  }

  @Test("A single block has an estimate and no interval")
  func singleBlock() throws {
    let ratio = try PairedLogRatio(mode: [3], reference: [4], higherIsBetter: true)
    #expect(abs(ratio.estimate - 0.75) < 1e-15)
    #expect(ratio.interval(level: 0.95) == nil)
    #expect(ratio.probability(below: 0.9) == nil)
  }

  @Test("Zero, negative, infinite and unpaired values are errors")
  func refusals() {
    #expect(throws: StatisticsError.notPositive(index: 1, value: 0)) {
      try PairedLogRatio(mode: [1, 0], reference: [1, 1], higherIsBetter: true)
    }
    #expect(throws: StatisticsError.notPositive(index: 0, value: -2)) {
      try PairedLogRatio(mode: [1], reference: [-2], higherIsBetter: true)
    }
    #expect(throws: StatisticsError.notPositive(index: 0, value: .infinity)) {
      try PairedLogRatio(mode: [.infinity], reference: [1], higherIsBetter: true)
    }
    #expect(throws: StatisticsError.unpaired(left: 2, right: 1)) {
      try PairedLogRatio(mode: [1, 2], reference: [1], higherIsBetter: true)
    }
  }

  @Test("The 95 % interval misses the true ratio in about 5 % of simulated runs of five and ten blocks")
  func coverage() throws {
    var random = SeededRandom(seed: 20_261)
    func uniform() -> Double { Double(random.next() >> 11) * 0x1p-53 }
    // A sum of twelve uniform numbers, less 6, is close to normal with standard deviation 1.
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
    for blocks in [5, 10] {
      var missed = 0
      let runs = 4000
      for _ in 0..<runs {
        let sample = try Sample((0..<blocks).map { _ in normal() })
        let interval = try #require(sample.interval(level: 0.95))
        if !interval.contains(0) { missed += 1 }
      }
      let rate = ClopperPearson.interval(successes: missed, trials: runs, level: 0.9999)
      #expect(rate.contains(0.05), "\(missed) of \(runs) missed with \(blocks) blocks")
    }
  }
}
