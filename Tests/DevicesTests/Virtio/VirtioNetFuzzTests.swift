import Devices
import Frames
import Glibc
import GuestMemory
import Testing

/// Random and mutated bytes on every register, ring, header and command of virtio-net, for a bounded time, from a seed that a
/// failure names; as the fuzzing of virtio-blk.
@Suite(.serialized) struct VirtioNetFuzzTests {
  static let environment = ProcessEnvironment()

  @Test(arguments: VirtioBlockFuzzTests.targets)
  func nothingThatAGuestWritesCrashesHangsOrLeavesItsMemory(target: VirtioBlockFuzzTests.Target) throws {
    let seed = Self.environment.number("NEARMETAL_FUZZ_SEED") ?? UInt64.random(in: 1..<1 << 32)
    let seconds = Self.environment.number("NEARMETAL_FUZZ_SECONDS") ?? 1
    var random = FuzzRandom(seed: seed)
    let wire = try FuzzWire(seed: seed)
    let guest = try NetFuzzGuest(target.transport, wire)
    wire.watch(guest.memory)
    let policy = PollingPolicy(eagerLooks: 50, patientLooks: 50)
    let service = try TestService(guest.device, mode: target.polled ? .polled(policy) : .notified)
    defer { service.end() }
    let end = time(nil) + Int(seconds)
    var rounds = 0
    repeat {
      try guest.round(packed: target.packed, &random)
      rounds += 1
      try #require(wire.failure == nil, "seed \(seed), round \(rounds)")
    } while time(nil) < end
    #expect(wire.frames > 0 && rounds > 0)
  }
}
