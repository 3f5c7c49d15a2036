import Foundation
import Statistics
import Testing

@Suite("Replication")
struct ReplicationTests {
  @Test("The index is what both found over what either found")
  func index() {
    let one = Replication(first: ["a", "b", "c"], second: ["b", "c", "d"])
    #expect(one.both == 2 && one.onlyFirst == 1 && one.onlySecond == 1)
    #expect(one.jaccard == 0.5)
    #expect(Replication(first: Set([1]), second: [1]).jaccard == 1)
    #expect(Replication(first: Set([1]), second: [2]).jaccard == 0)
  }

  @Test("Two runs without a finding have no index, and do not count among pairs that have one")
  func nothingFound() {
    let none = Replication(first: Set<Int>(), second: [])
    #expect(none.jaccard == nil)
    let half = Replication(first: Set([1, 2]), second: [1])
    let pairs = Replication(pairs: [none, half, Replication(first: [], second: [7])])
    // 1 of 3 findings.
    #expect(pairs.jaccard == 1.0 / 3)
  }
}
