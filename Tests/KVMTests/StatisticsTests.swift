import CKVM
import CLinux
import TestSupport
import Testing

@testable import KVM

@Suite(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
struct StatisticsTests {
  private static let areThere = (try? System().check(.binaryStatistics)).map { $0 > 0 } ?? false

  @Test(.enabled(if: areThere, "needs a kernel of 5.14 or later"))
  func exitsOfAVCPUAreCounted() throws {
    // in al, 0x42, again and again
    let guest = try RealModeGuest([0xe4, 0x42, 0xeb, 0xfc])
    let statistics = try guest.vcpu.statistics()
    let before = try #require(try statistics.read()["exits"])
    for _ in 0..<10 { _ = try guest.enterToPort() }
    let after = try #require(try statistics.read()["exits"])
    #expect(after >= before + 10)
    #expect(after < before + 10_000)
  }

  @Test(.enabled(if: areThere, "needs a kernel of 5.14 or later"))
  func everyDescriptionHasAValueUnderEachOfItsNames() throws {
    let guest = try RealModeGuest([0xf4])
    let statistics = try guest.vcpu.statistics()
    let values = try statistics.read()
    let names = statistics.descriptions.flatMap(\.valueNames)
    #expect(Set(names) == Set(values.keys) && Set(names).count == names.count)
    let wait = try #require(statistics.descriptions.first { $0.name == "halt_wait_ns" })
    #expect(wait.kind == .cumulative && wait.unit == .seconds && wait.unitSymbol == "ns")
    let histogram = try #require(statistics.descriptions.first { $0.name == "halt_wait_hist" })
    #expect(histogram.kind == .logarithmicHistogram && histogram.size > 1)
    #expect(
      histogram.valueNames[0...3] == [
        "halt_wait_hist{>=0}", "halt_wait_hist{>=1}", "halt_wait_hist{>=2}",
        "halt_wait_hist{>=4}",
      ])
  }

  @Test func aLinearHistogramsBucketsAreOfOneWidthAndAnUnknownKindIsNotRead() throws {
    var raw = kvm_stats_desc()
    (raw.flags, raw.exponent, raw.size, raw.bucket_size) = (3 | 1 << 4 | 1 << 8, 10, 3, 8)
    let linear = try #require(StatisticDescription(raw, name: "sizes"))
    #expect(linear.valueNames == ["sizes{>=0}", "sizes{>=8}", "sizes{>=16}"] && linear.unitSymbol == nil)
    (raw.flags, raw.size) = (1 | 1 << 4 | 1 << 8, 1)
    #expect(StatisticDescription(raw, name: "pages")?.unitSymbol == "2^10 B")
    #expect(StatisticDescription(raw, name: "pages")?.kind.isCount == false)
    raw.flags = 7
    #expect(StatisticDescription(raw, name: "future") == nil)
    (raw.flags, raw.size) = (0, 0)
    #expect(StatisticDescription(raw, name: "empty") == nil)
  }

  @Test(.enabled(if: areThere, "needs a kernel of 5.14 or later"))
  func machinesHaveCountersOfTheirOwn() throws {
    let guest = try RealModeGuest([0xf4])
    let counters = try guest.machine.statistics().read()
    #expect(counters["remote_tlb_flush"] != nil)
    #expect(counters["exits"] == nil)
  }
}
