import Glibc
import Statistics

extension TurnsRecord {
  /// Turns on either side without which nothing is said.
  private static let leastTurns = 3

  /// By the leg whose turn was before: logarithm of the median rate of such turns over that of all others. A leg that hurts whoever comes
  /// after it, by what it leaves in caches or in flight, makes it negative.
  var carryOver: [String: Double] {
    guard let predecessors, predecessors.first.count == windows.count else { return [:] }
    let disturbed = Set(disturbed)
    var rates: [UInt64: [Double]] = [:]
    for (turns, before) in [(windows, predecessors.first)] + (twin.map { [($0, predecessors.second)] } ?? []) {
      for round in 0..<min(turns.count, before.count) where !disturbed.contains(round) {
        guard turns.operations[round] > 0, turns.nanoseconds[round] > 0 else { continue }
        rates[before[round], default: []].append(
          log(Double(turns.operations[round]) / Double(turns.nanoseconds[round])))
      }
    }
    var found: [String: Double] = [:]
    for (index, leg) in predecessors.legs.enumerated() {
      let own = rates[UInt64(index)] ?? []
      let others = rates.filter { $0.key != UInt64(index) }.values.flatMap(\.self)
      guard own.count >= Self.leastTurns, others.count >= Self.leastTurns else { continue }
      found[leg] = Quantile.median(own) - Quantile.median(others)
    }
    return found
  }
}
