import LinuxSystem
import Testing

@testable import Runner

@Suite struct TurnLengthSearchTests {
  @Test func lengthsAreHalfATickAndItsDoubles() {
    #expect(TurnLengthSearch.lengths(tick: 1_000_000) == [500_000, 1_000_000, 2_000_000])
    #expect(TurnLengthSearch.lengths(tick: 3_333_333) == [1_666_666, 3_333_332, 6_666_664])
    #expect(TurnLengthSearch.lengths(tick: 4_000_000) == [2_000_000, 4_000_000, 8_000_000])
    #expect(TurnLengthSearch.lengths(tick: 10_000_000) == [5_000_000, 10_000_000])
  }

  @Test func theKernelSaysHowLongATickIs() {
    #expect((900_000...10_100_000).contains(MonotonicClock.tick))
  }
}
