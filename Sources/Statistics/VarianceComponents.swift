/// What of a figure's variance comes from the block, from the leg (a boot) and from the iteration (a window in that boot).
///
/// A nested random model: figure = mean + block + leg in block + iteration in leg. Estimated from the mean squares of the
/// analysis of variance with their expectations for unequal numbers (Searle, Casella and McCulloch 1992, §3.6; for equal ones
/// this is the usual nested analysis). An estimate below zero is reported as zero.
public struct VarianceComponents: Equatable, Sendable {
  public let block: Double
  public let leg: Double
  public let iteration: Double

  /// - Parameter figures: by block, by leg, by iteration: at least two blocks, two legs in one of them and two iterations in
  ///   one of those. Logarithms of a metric, so that the standard deviations are relative ones.
  /// - Throws: ``StatisticsError/notNested(blocks:legs:iterations:)`` or ``StatisticsError/notFinite(index:value:)``.
  public init(_ figures: [[[Double]]]) throws(StatisticsError) {
    let blocks = figures.map { $0.filter { !$0.isEmpty } }.filter { !$0.isEmpty }
    let legCount = blocks.reduce(0) { $0 + $1.count }
    let count = blocks.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }
    guard blocks.count > 1, legCount > blocks.count, count > legCount else {
      throw .notNested(blocks: blocks.count, legs: legCount, iterations: count)
    }
    let all = blocks.flatMap { $0.flatMap { $0 } }
    for (index, value) in all.enumerated() where !value.isFinite { throw .notFinite(index: index, value: value) }
    let mean = all.reduce(0, +) / Double(count)
    var squares = (block: 0.0, leg: 0.0, iteration: 0.0)
    // Sums of squared sizes, which the expectations of the mean squares are made of.
    var sizes = (legInBlock: 0.0, leg: 0.0, block: 0.0)
    for legs in blocks {
      let size = Double(legs.reduce(0) { $0 + $1.count })
      let blockMean = legs.reduce(0) { $0 + $1.reduce(0, +) } / size
      squares.block += size * (blockMean - mean) * (blockMean - mean)
      sizes.block += size * size
      for leg in legs {
        let own = Double(leg.count)
        let legMean = leg.reduce(0, +) / own
        squares.leg += own * (legMean - blockMean) * (legMean - blockMean)
        squares.iteration += leg.reduce(0) { $0 + ($1 - legMean) * ($1 - legMean) }
        sizes.legInBlock += own * own / size
        sizes.leg += own * own
      }
    }
    let total = Double(count)
    let blockFreedom = Double(blocks.count - 1)
    let legFreedom = Double(legCount - blocks.count)
    let meanSquare = squares.iteration / Double(count - legCount)
    let legSquare = squares.leg / legFreedom
    let perLeg = (total - sizes.legInBlock) / legFreedom
    let leg = (legSquare - meanSquare) / perLeg
    let legInBlocks = (sizes.legInBlock - sizes.leg / total) / blockFreedom
    let perBlock = (total - sizes.block / total) / blockFreedom
    let block = (squares.block / blockFreedom - meanSquare - legInBlocks * leg) / perBlock
    iteration = meanSquare
    self.leg = max(0, leg)
    self.block = max(0, block)
  }

  /// Of blocks with a single leg each, where what a block and what a boot adds cannot be told apart: ``block`` is both
  /// together, ``leg`` is 0.
  ///
  /// - Parameter figures: by block, by iteration: at least two blocks, two iterations in one of them.
  /// - Throws: ``StatisticsError/notNested(blocks:legs:iterations:)`` or ``StatisticsError/notFinite(index:value:)``.
  public init(blocks figures: [[Double]]) throws(StatisticsError) {
    let blocks = figures.filter { !$0.isEmpty }
    let all = blocks.flatMap { $0 }
    guard blocks.count > 1, all.count > blocks.count else {
      throw .notNested(blocks: blocks.count, legs: blocks.count, iterations: all.count)
    }
    for (index, value) in all.enumerated() where !value.isFinite { throw .notFinite(index: index, value: value) }
    let total = Double(all.count)
    let mean = all.reduce(0, +) / total
    var squares = (block: 0.0, iteration: 0.0)
    var sizes = 0.0
    for block in blocks {
      let size = Double(block.count)
      let blockMean = block.reduce(0, +) / size
      squares.block += size * (blockMean - mean) * (blockMean - mean)
      squares.iteration += block.reduce(0) { $0 + ($1 - blockMean) * ($1 - blockMean) }
      sizes += size * size
    }
    let freedom = Double(blocks.count - 1)
    iteration = squares.iteration / Double(all.count - blocks.count)
    leg = 0
    block = max(0, (squares.block / freedom - iteration) * freedom / (total - sizes / total))
  }

  /// Iterations in a leg that give the most precise mean for the time (Kalibera and Jones 2013, "Rigorous Benchmarking in
  /// Reasonable Time", §6): √(cost of a leg / cost of an iteration × iteration variance / leg variance).
  /// - Parameters:
  ///   - legCost: what a leg costs before its first iteration, in any unit above 0.
  ///   - iterationCost: in the same unit.
  ///   - limit: the most iterations that there may be, 1 or more.
  /// - Returns: at least 1, at most `limit`, which is also the answer where legs do not differ at all.
  public func iterations(legCost: Double, iterationCost: Double, limit: Int) -> Int {
    Self.repetitions((iteration, iterationCost), in: (leg, legCost), limit: limit)
  }

  /// Legs in a block that give the most precise mean for the time, by the same rule one stage up.
  /// - Parameters:
  ///   - blockCost: what a block costs before its first leg, in any unit above 0.
  ///   - legCost: what a leg costs before its first iteration, in the same unit.
  ///   - limit: the most legs that there may be, 1 or more.
  /// - Returns: at least 1, at most `limit`, which is also the answer where blocks do not differ at all.
  public func legs(blockCost: Double, legCost: Double, limit: Int) -> Int {
    Self.repetitions((leg, legCost), in: (block, blockCost), limit: limit)
  }

  /// Iterations in a block of one leg each that give the most precise mean for the time, by the same rule: ``block`` and ``leg``
  /// together are what a block adds.
  /// - Parameters:
  ///   - blockCost: what a block costs before its first iteration, in any unit above 0.
  ///   - iterationCost: in the same unit.
  ///   - limit: the most iterations that there may be, 1 or more.
  /// - Returns: at least 1, at most `limit`, which is also the answer where blocks do not differ at all.
  public func iterations(blockCost: Double, iterationCost: Double, limit: Int) -> Int {
    Self.repetitions((iteration, iterationCost), in: (block + leg, blockCost), limit: limit)
  }

  private typealias Stage = (variance: Double, cost: Double)

  private static func repetitions(_ stage: Stage, in above: Stage, limit: Int) -> Int {
    precondition(above.cost > 0 && stage.cost > 0 && limit >= 1, "costs and limits are above 0")
    guard stage.variance > 0 else { return 1 }
    guard above.variance > 0 else { return limit }
    let best = (above.cost / stage.cost * stage.variance / above.variance).squareRoot()
    return best >= Double(limit) ? limit : max(1, Int(best.rounded(.up)))
  }
}
