import Frames
import Glibc
import GuestMemory
import LinuxSystem
import Testing

@testable import Devices

/// Random and mutated bytes on every register, ring and descriptor of the e1000, for a bounded time, from a seed that a failure
/// names; as the fuzzing of virtio-blk.
@Suite(.serialized) struct E1000FuzzTests {
  static let environment = ProcessEnvironment()

  @Test func nothingThatAGuestWritesCrashesHangsOrLeavesItsMemory() throws {
    let seed = Self.environment.number("NEARMETAL_FUZZ_SEED") ?? UInt64.random(in: 1..<1 << 32)
    let seconds = Self.environment.number("NEARMETAL_FUZZ_SECONDS") ?? 2
    var random = FuzzRandom(seed: seed)
    let wire = try FuzzWire(seed: seed)
    let guest = try E1000FuzzGuest(wire)
    wire.watch(guest.memory)
    let device = guest.device
    let thread = try PinnedThread(name: "test-e1000") { try! device.serve() }
    defer {
      device.stop()
      thread.join()
    }
    let end = time(nil) + Int(seconds)
    var rounds = 0
    repeat {
      try guest.round(&random)
      rounds += 1
      try #require(wire.failure == nil, "seed \(seed), round \(rounds)")
    } while time(nil) < end
    #expect(wire.frames > rounds)
  }
}
