import Statistics
import Testing

@Suite("Levels of block figures")
struct LevelDetectionTests {
  static let ten = LevelDetection(blocks: 10)

  @Test("Two separated clusters are two levels, with their blocks and means")
  func twoLevels() throws {
    let values = [0.1, 0.3, 0.101, 0.299, 0.102, 0.099, 0.301, 0.1, 0.302, 0.098]
    let levels = try #require(Self.ten.levels(of: values))
    #expect(levels.lower.blocks == [0, 2, 4, 5, 7, 9] && levels.upper.blocks == [1, 3, 6, 8])
    #expect(abs(levels.lower.mean - 0.1) < 1e-12 && abs(levels.upper.mean - 0.3005) < 1e-12)
    #expect(levels.probability <= 0.001)
    #expect(Self.ten.levels(of: values) == levels)
  }

  @Test("One outlier is no level, a slope is none, and equal values are none")
  func oneLevel() {
    #expect(Self.ten.levels(of: [0, 0.001, 0.002, 0.001, 0, 0.002, 0.001, 0, 0.002, 9]) == nil)
    #expect(Self.ten.levels(of: (0..<10).map { 0.1 * Double($0) }) == nil)
    #expect(Self.ten.levels(of: [Double](repeating: 1, count: 10)) == nil)
  }

  @Test("A level without any scatter is one, and a step smaller than the least gap is not")
  func steps() {
    let values = [1, 1, 1, 2, 2, 2, 1, 2, 1, 2.0]
    #expect(Self.ten.levels(of: values)?.upper.blocks == [3, 4, 5, 7, 9])
    #expect(LevelDetection(blocks: 10, leastGap: 1.5).levels(of: values) == nil)
  }

  @Test(
    "Noise of one level is called two seldom, whatever its shape", arguments: [5, 10, 20])
  func falseAlarms(blocks: Int) {
    let detection = LevelDetection(blocks: blocks, leastGap: 0)
    var random = SeededRandom(seed: 61)
    func alarms(_ draw: () -> Double) -> Int {
      (0..<400).count { _ in detection.levels(of: (0..<blocks).map { _ in draw() }) != nil }
    }
    // At 5 %, more than 40 of 400 has a chance of 1 in 100,000; normal and heavier tails are to stay below 5 %.
    #expect(alarms { random.normal() } <= 20)
    #expect(alarms { random.studentT(degreesOfFreedom: 3) } <= 20)
    #expect(alarms { random.uniform() } <= 40)
    #expect(alarms { random.exponential() } <= 40)
  }

  @Test("Levels eight standard deviations apart are mostly found from ten blocks on")
  func power() {
    var random = SeededRandom(seed: 62)
    for (blocks, least) in [(10, 150), (20, 190)] {
      let detection = LevelDetection(blocks: blocks, leastGap: 0)
      let found = (0..<200).count { _ in
        detection.levels(of: (0..<blocks).map { random.normal() + ($0 % 3 == 0 ? 8 : 0) }) != nil
      }
      #expect(found >= least)
    }
  }
}
