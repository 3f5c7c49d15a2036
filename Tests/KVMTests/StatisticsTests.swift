import KVM
import Testing

@Suite(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
struct StatisticsTests {
  private static let areThere = (try? System().check(.binaryStatistics)).map { $0 > 0 } ?? false

  @Test(.enabled(if: areThere, "needs a kernel of 5.14 or later"))
  func exitsOfAVCPUAreCounted() throws {
    // in al, 0x42, again and again
    let guest = try RealModeGuest([0xe4, 0x42, 0xeb, 0xfc])
    let statistics = try guest.vcpu.statistics()
    let before = try #require(try statistics.read()["exits"])
    for _ in 0..<10 { _ = try guest.vcpu.enter() }
    let after = try #require(try statistics.read()["exits"])
    #expect(after >= before + 10)
    #expect(after < before + 10_000)
  }

  @Test(.enabled(if: areThere, "needs a kernel of 5.14 or later"))
  func machinesHaveCountersOfTheirOwn() throws {
    let guest = try RealModeGuest([0xf4])
    let counters = try guest.machine.statistics().read()
    #expect(counters["remote_tlb_flush"] != nil)
    #expect(counters["exits"] == nil)
  }
}
