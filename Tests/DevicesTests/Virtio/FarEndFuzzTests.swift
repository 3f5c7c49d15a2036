import Devices
import Glibc
import GuestMemory
import Network
import Testing

@testable import Kernels

/// Records of any kind, number and content sent to the real far end through virtio-net, and receive buffers of any length at the
/// end of RAM, for a bounded time, from a seed that a failure names; as the fuzzing of virtio-blk.
@Suite(.serialized) struct FarEndFuzzTests {
  static let environment = ProcessEnvironment()
  private static let ram: UInt64 = 8 << 20

  @Test(arguments: [false, true])
  func nothingThatAGuestAsksOfTheFarEndLeavesItsMemory(packed: Bool) throws {
    let seed = Self.environment.number("NEARMETAL_FUZZ_SEED") ?? UInt64.random(in: 1..<1 << 32)
    let seconds = Self.environment.number("NEARMETAL_FUZZ_SECONDS") ?? 1
    var random = FuzzRandom(seed: seed)
    let guest = try NetGuest("mmio", try InProcessLink(), options: NetOptions(queueSize: 64))
    let service = try TestService(guest.device, mode: .polled())
    defer { service.end() }
    let end = time(nil) + Int(seconds)
    var received = 0
    repeat {
      try received += round(guest, packed: packed, &random)
      try #require(guest.device.failure == nil, "seed \(seed)")
    } while time(nil) < end
    #expect(received > 0, "seed \(seed)")
  }

  /// One life of a device, on a far end that keeps what it was told before.
  func round(_ guest: NetGuest, packed: Bool, frames: Int = 200, _ random: inout FuzzRandom) throws -> Int {
    var features: VirtioFeatures = packed ? [.version1, .packedRing] : [.version1]
    for feature in [.netAddress, .netMergeableBuffers] as [VirtioFeatures] where random.below(2) == 0 {
      features.insert(feature)
    }
    if random.below(2) == 0 { features.formUnion([.netChecksum, .netHostTCP4, .netGuestChecksum, .netGuestTCP4]) }
    try guest.start(features, queues: 2, size: 64)
    var received = 0
    for _ in 0..<frames {
      while guest.rings[0].room > 32 { addBuffer(guest, &random) }
      guest.kick(NetGuest.receive)
      if guest.rings[1].room < 8 { _ = try #require(guest.wait(NetGuest.transmit)) }
      guest.addFrame(frame(&random))
      guest.kick(NetGuest.transmit)
      while guest.rings[1].take() != nil {}
      while guest.rings[0].take() != nil { received += 1 }
    }
    guest.access.status = 0
    return received
  }

  private func addBuffer(_ guest: NetGuest, _ random: inout FuzzRandom) {
    let lengths = [12 + 60, 12 + 110, 26, 13 + random.below(2000), 12 + random.below(70_000)]
    let count = UInt32(max(13, lengths[random.below(lengths.count)]))
    guest.addBuffer([count], at: Self.ram - UInt64(count))
  }

  private func frame(_ random: inout FuzzRandom) -> [UInt8] {
    let stream = UInt32(random.below(3))
    let kinds: [NetRecord.Kind] = [.start, .start, .ping, .ping, .grant, .poll, .data]
    let kind = kinds[random.below(kinds.count)]
    guard kind == .start else {
      let word = random.below(2) == 0 ? random.next() : UInt64(random.below(100))
      return FarEndFrame.record(kind, stream: stream, number: UInt64(random.below(64)), word: word, body: [])
    }
    let limits = [6, 1600, 46, 8]
    let words = limits.map { limit in
      random.below(12) == 0 ? random.awkward(ram: Self.ram) : UInt64(random.below(limit))
    }
    return FarEndFrame.start(words, stream: stream)
  }
}
