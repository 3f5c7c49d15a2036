import Statistics
import Testing

@Suite struct OddHostsTests {
  /// A fleet whose hosts differ by one per cent, and their figures by half of one more.
  private func fleet(_ random: inout SeededRandom, hosts: Int = 200, series: Int = 20) -> FleetMatrix {
    var matrix = FleetMatrix(hosts: hosts, series: series)
    for host in 0..<hosts {
      let effect = 0.01 * random.normal()
      for index in 0..<series { matrix[host, index] = Double(index) + effect + 0.005 * random.normal() }
    }
    return matrix
  }

  @Test func aHostThatIsSlowInOneWorkloadIsFoundAndHardlyAnyOtherAccused() {
    var random = SeededRandom(seed: 19)
    var (found, falsely) = (0, 0)
    let fleets = 100
    for _ in 0..<fleets {
      var matrix = fleet(&random)
      let (host, series) = (Int(random.next() % 200), Int(random.next() % 20))
      matrix[host, series]! += -0.05
      let findings = OddHosts.find(matrix)
      if findings.contains(where: { $0.host == host && $0.series == series }) { found += 1 }
      if findings.contains(where: { $0.host != host }) { falsely += 1 }
    }
    #expect(found >= 99)
    // One in a hundred on average: the chance of more than four is below one in two hundred.
    #expect(falsely <= 4)
  }

  @Test(arguments: [(5, 3), (10, 12), (30, 6), (60, 20)])
  func aFleetOfEqualsIsSeldomAccused(hosts: Int, series: Int) {
    var random = SeededRandom(seed: UInt64(hosts))
    let fleets = 300
    let accused = (0..<fleets).count { _ in !OddHosts.find(fleet(&random, hosts: hosts, series: series)).isEmpty }
    // At 1 % more than nine come once in six hundred times.
    #expect(accused <= 9)
  }

  @Test func aHostThatIsSlowInAllIsNamedOnceAsAWhole() {
    var random = SeededRandom(seed: 3)
    var matrix = fleet(&random, hosts: 40, series: 12)
    for series in 0..<12 { matrix[7, series]! -= 0.12 }
    let findings = OddHosts.find(matrix)
    #expect(findings.map(\.host) == [7])
    #expect(findings.first?.series == nil)
    #expect(abs((findings.first?.effect ?? 0) + 0.12) < 0.04)
  }

  @Test func oneThatIsFarOffHidesNoOther() {
    var random = SeededRandom(seed: 4)
    var matrix = fleet(&random, hosts: 60, series: 10)
    matrix[3, 2]! -= 4
    matrix[5, 2]! -= 0.1
    matrix[9, 4]! += 0.1
    #expect(Set(OddHosts.find(matrix).map(\.host)) == [3, 5, 9])
  }

  @Test func missingFiguresAndSmallFleetsAreNoFindings() {
    var random = SeededRandom(seed: 5)
    var matrix = fleet(&random, hosts: 30, series: 6)
    for host in 0..<30 where host % 3 == 0 { matrix[host, host % 6] = nil }
    for series in 0..<6 { matrix[11, series] = nil }
    #expect(OddHosts.find(matrix).isEmpty)
    var small = FleetMatrix(hosts: 4, series: 3)
    small[0, 0] = 100
    #expect(OddHosts.find(small).isEmpty)
  }

  @Test func equalFiguresHaveNoOddOnes() {
    var matrix = FleetMatrix(hosts: 12, series: 4)
    for host in 0..<12 { for series in 0..<4 { matrix[host, series] = 1 } }
    #expect(OddHosts.find(matrix).isEmpty)
  }

  @Test func varianceIsSplitByWhereItComesFrom() throws {
    var random = SeededRandom(seed: 6)
    let groups = (0..<30).map { _ in
      let group = 0.05 * random.normal()
      return (0..<40).map { _ -> (value: Double, variance: Double) in
        (group + 0.02 * random.normal() + 0.01 * random.normal(), 0.01 * 0.01)
      }
    }
    let split = try #require(FleetVariance(groups))
    #expect(abs(split.within / 0.0001 - 1) < 0.01)
    #expect(abs(split.betweenHosts / 0.0004 - 1) < 0.2)
    #expect(abs(split.betweenGroups / 0.0025 - 1) < 0.6)
    #expect(FleetVariance([[(1, 0)], [(2, 0)]]) == nil)
  }
}
