import Testing

@testable import Runner

/// A guest says how much work it did; the audit multiplies that.
@Suite struct AuditWorkTests {
  private let expectation = AuditWork.Expectation("kvm:kvm_mmio", times: 2)

  @Test func aPlausibleNumberIsMultiplied() {
    #expect(expectation.known(40_000) == 80_000)
  }

  @Test(arguments: [UInt64(1) << 32, 1 << 63, .max])
  func aNumberThatNoWindowHoldsIsNotBelieved(operations: UInt64) {
    #expect(expectation.known(operations) == nil)
  }
}
