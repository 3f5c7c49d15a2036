import LinuxSystem
import Storage
import Testing

/// Lower bounds only: a machine may always take longer.
@Suite struct InjectedDelayTests {
  private func backing(_ delay: InjectedDelay?) throws -> Backing {
    var backing = try BackingSpecification.null(size: 1 << 20).open()
    backing.delay = delay
    return backing
  }

  /// TSC ticks of so many requests.
  private func ticks(_ backing: inout Backing, requests: Int) throws -> UInt64 {
    let buffer = try TestBuffer(4096)
    let start = BusyWait.now
    for _ in 0..<requests { #expect(unsafe backing.run(.read, 0, buffer.bytes) == 0) }
    return BusyWait.now &- start
  }

  @Test func everyRequestOfADelayedDiskWaitsItsTicks() throws {
    var slow = try backing(InjectedDelay(.ticks(200_000), longest: 1_000_000))
    #expect(try ticks(&slow, requests: 50) >= 50 * 190_000)
  }

  @Test func noRequestWaitsLongerThanTheLongestWaitWhateverTheAmount() throws {
    var slow = try backing(InjectedDelay(.ticks(.max), longest: 100_000))
    // That it ends at all is the claim.
    #expect(try ticks(&slow, requests: 3) >= 3 * 90_000)
    var shared = try backing(InjectedDelay(.share(millionths: .max), longest: 100_000))
    #expect(try ticks(&shared, requests: 3) >= 90_000)
  }

  @Test func aShareFollowsWhatTheOperationTakesWithoutIt() throws {
    var slow = try backing(InjectedDelay(.share(millionths: 500_000), longest: .max))
    let buffer = try TestBuffer(4096)
    var waited: UInt64 = 0
    _ = unsafe slow.run(.read, 0, buffer.bytes)
    for _ in 0..<20 {
      // What the operation takes besides.
      BusyWait.ticks(100_000)
      let start = BusyWait.now
      _ = unsafe slow.run(.read, 0, buffer.bytes)
      waited += BusyWait.now &- start
    }
    // Half of it, and not half of what the waits themselves took besides: that would grow without end.
    #expect(waited >= 20 * 45_000)
  }

  @Test func aPauseIsNoPartOfWhatAnOperationTakes() throws {
    var slow = try backing(InjectedDelay(.share(millionths: 500_000), longest: .max))
    let buffer = try TestBuffer(4096)
    var least = UInt64.max
    for _ in 0..<20 {
      slow.rest()
      BusyWait.ticks(100_000)
      let start = BusyWait.now
      _ = unsafe slow.run(.read, 0, buffer.bytes)
      least = min(least, BusyWait.now &- start)
    }
    #expect(least < 45_000)
  }
}
