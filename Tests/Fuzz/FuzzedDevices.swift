import Devices
import Glibc
import GuestMemory
import LinuxSystem
import Network
import Storage

/// Devices, whose inputs are the decisions of the tests that fuzz them by chance: which registers, rings and requests, and what is
/// wrong with them.
extension FuzzTarget {
  static var devices: [FuzzTarget] {
    VirtioBlockFuzzTests.targets.map { target in
      FuzzTarget(
        name:
          "virtio-blk-\(target.transport)-\(target.packed ? "packed" : "split")-\(target.polled ? "polled" : "notified")"
      ) {
        try block(target)
      }
    }
      + VirtioBlockFuzzTests.targets.filter { !$0.polled }.map { target in
        FuzzTarget(name: "virtio-net-\(target.transport)-\(target.packed ? "packed" : "split")") { try net(target) }
      } + [
        FuzzTarget(name: "split-ring") { try ring(packed: false) },
        FuzzTarget(name: "packed-ring") { try ring(packed: true) },
        FuzzTarget(name: "far-end-split") { try farEnd(packed: false) },
        FuzzTarget(name: "far-end-packed") { try farEnd(packed: true) },
        FuzzTarget(name: "ide", make: ide), FuzzTarget(name: "e1000", make: e1000), FuzzTarget(name: "pci", make: pci),
        FuzzTarget(name: "platform", make: platform),
      ]
  }

  private static func blockGuest(_ target: VirtioBlockFuzzTests.Target) throws -> (
    BlockGuest, TestService, FuzzFindings
  ) {
    let guest = try BlockGuest(disk: BlockDisk(capacity: 1 << 20), options: BlockOptions(queues: 2, queueSize: 16)) {
      device in
      if target.transport == "pci" { return try TestPCIAccess(device) }
      return try TestMMIOAccess(device)
    }
    let (findings, memory) = (FuzzFindings(), guest.memory)
    let policy = PollingPolicy(eagerLooks: 50, patientLooks: 50)
    let service = try TestService(guest.device, mode: target.polled ? .polled(policy) : .notified) {
      try FuzzEngine(findings, memory, seed: 1)
    }
    return (guest, service, findings)
  }

  private static func block(_ target: VirtioBlockFuzzTests.Target) throws -> ([UInt8]) -> Void {
    let (guest, service, findings) = try blockGuest(target)
    let tests = VirtioBlockFuzzTests()
    return { bytes in
      var random = FuzzRandom(decisions: bytes)
      do { try tests.round(guest, target, &random) } catch { fatalError("\(error)") }
      found(findings.failure ?? "", unless: findings.failure == nil)
      withExtendedLifetime(service) {}
    }
  }

  /// The rings themselves: an input is what stands where a device looks for them.
  private static func ring(packed: Bool) throws -> ([UInt8]) -> Void {
    let target = VirtioBlockFuzzTests.Target(transport: "mmio", packed: packed, polled: false)
    let (guest, service, findings) = try blockGuest(target)
    return { bytes in
      do {
        try guest.start(
          packed ? [.version1, .packedRing, .indirectDescriptors] : [.version1, .indirectDescriptors], queues: 2)
        for (index, byte) in bytes.prefix(0x4000).enumerated() {
          // Descriptors, available and used, of both queues, and tables that they may point to.
          let area = [0x0, 0x8000, 0xa000, 0xc000][index / 64 % 4]
          guest.memory.put(byte, BlockGuest.base + UInt64(area + index / 256 * 64 + index % 64))
        }
        guest.kick(0)
        guest.kick(1)
        guest.access.status = 0
        found("the device does not reset", unless: guest.access.status == 0)
        try guest.start(packed ? [.version1, .packedRing] : [.version1])
        let status = try guest.run(0, sector: 0, [TestBuffer(address: 0x40_0000, count: 512, writable: true)])
        found("a request after a reset has status \(status)", unless: status == 0 || status == 1)
      } catch { fatalError("\(error)") }
      found(findings.failure ?? "", unless: findings.failure == nil)
      withExtendedLifetime(service) {}
    }
  }

  private static func net(_ target: VirtioBlockFuzzTests.Target) throws -> ([UInt8]) -> Void {
    let wire = try FuzzWire(seed: 1)
    let guest = try NetFuzzGuest(target.transport, wire)
    wire.watch(guest.memory)
    let service = try TestService(guest.device, mode: .notified)
    return { bytes in
      var random = FuzzRandom(decisions: bytes)
      do { try guest.round(packed: target.packed, &random) } catch { fatalError("\(error)") }
      found(wire.failure ?? "", unless: wire.failure == nil)
      withExtendedLifetime(service) {}
    }
  }

  private static func farEnd(packed: Bool) throws -> ([UInt8]) -> Void {
    let guest = try NetGuest("mmio", try InProcessLink(), options: NetOptions(queueSize: 64))
    let service = try TestService(guest.device, mode: .polled())
    let tests = FarEndFuzzTests()
    return { bytes in
      var random = FuzzRandom(decisions: bytes)
      do { _ = try tests.round(guest, packed: packed, frames: 40, &random) } catch { fatalError("\(error)") }
      found(guest.device.failure ?? "", unless: guest.device.failure == nil)
      withExtendedLifetime(service) {}
    }
  }

  private static func ide() throws -> ([UInt8]) -> Void {
    let guest = try IDEGuest(sectors: 300)
    guest.store.badSectors = [77: 5, 140: 28]
    let tests = IDEFuzzTests()
    return { bytes in
      var random = FuzzRandom(decisions: bytes)
      do {
        while !random.isExhausted { try tests.step(guest, &random) }
        tests.recover(guest)
        try tests.checkWorks(guest)
      } catch { fatalError("\(error)") }
      found(
        "a request past the end of the disk",
        unless: guest.store.requests.allSatisfy { $0.offset + UInt64($0.count) <= 300 * 512 })
    }
  }

  private static func e1000() throws -> ([UInt8]) -> Void {
    let wire = try FuzzWire(seed: 1)
    let guest = try E1000FuzzGuest(wire)
    wire.watch(guest.memory)
    let device = guest.device
    try PinnedThread(name: "fuzz-e1000") { try! device.serve() }.detach()
    return { bytes in
      var random = FuzzRandom(decisions: bytes)
      do { try guest.round(&random) } catch { fatalError("\(error)") }
      found(wire.failure ?? "", unless: wire.failure == nil)
    }
  }

  private static func platform() throws -> ([UInt8]) -> Void {
    let tests = PlatformFuzzTests()
    return { bytes in
      do {
        let machine = try PlatformFuzzTests.Machine()
        var random = FuzzRandom(decisions: bytes)
        while !random.isExhausted { tests.step(machine, &random) }
        try tests.check(machine)
      } catch { fatalError("\(error)") }
    }
  }

  private static func pci() throws -> ([UInt8]) -> Void {
    let tests = PCIFuzzTests()
    return { bytes in
      do {
        let (machine, log) = try tests.machine()
        var random = FuzzRandom(decisions: bytes)
        while !random.isExhausted { tests.step(machine, &random) }
        _ = log.take()
        try tests.check(machine)
      } catch { fatalError("\(error)") }
    }
  }
}
