import Results

/// Blocks of one build put together.
struct MergedRun {
  private(set) var result: RunResult
  private(set) var blocks = 0

  init(first: RunResult) {
    result = first
    result.legs = []
  }

  mutating func append(_ part: RunResult, block: Int, startedAt: Double) {
    blocks = max(blocks, block + 1)
    let length = part.legs.last?.startedAt ?? 0
    for leg in part.legs {
      var leg = leg
      leg.block = block
      // A leg's name begins with its block.
      leg.id = "\(block)-\(leg.id.drop { $0 != "-" }.dropFirst())"
      leg.startedAt += max(0, startedAt - length)
      result.legs.append(leg)
    }
  }
}
