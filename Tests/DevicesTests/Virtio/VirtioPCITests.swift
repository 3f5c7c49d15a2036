import Devices
import Glibc
import GuestMemory
import Storage
import Testing

/// What only virtio-pci has: capabilities, MSI-X, the interrupt status byte and the configuration window.
@Suite(.serialized) struct VirtioPCITests {
  static func makeGuest(queues: Int = 1) throws -> (BlockGuest, TestPCIAccess) {
    let guest = try BlockGuest(disk: BlockDisk(capacity: 4 << 20), options: BlockOptions(queues: queues)) {
      try TestPCIAccess($0)
    }
    return (guest, guest.access as! TestPCIAccess)
  }

  @Test func theFunctionIsAModernVirtioDiskAndItsStructuresLieInsideItsRegionApartFromEachOther() throws {
    let (_, pci) = try Self.makeGuest(queues: 2)
    #expect(pci.machine.configuration(0) == 0x1042_1af4)
    #expect(pci.machine.configuration(8) == 0x0100_0001)
    #expect(pci.doorbellStride == 4)
    let places = (1...4).map { pci.places[$0]! }.sorted { $0.address < $1.address }
    for (a, b) in zip(places, places.dropFirst()) { #expect(a.address + UInt64(a.length) <= b.address) }
    let base = UInt64(pci.machine.configuration(0x10) & ~0xf)
    #expect(places.allSatisfy { $0.address >= base && $0.address + UInt64($0.length) <= base + 0x8000 })
    #expect(pci.common(0x12, .word) == 2)
    let doorbells = pci.transport.doorbells
    #expect(doorbells.map { base + $0.offset } == [pci.places[2]!.address, pci.places[2]!.address + 4])
    #expect(doorbells.allSatisfy { $0.width == nil && $0.value == nil })
  }

  @Test func eachQueuePulsesItsOwnVectorAndAVectorThatIsNotThereIsRefused() throws {
    let (guest, pci) = try Self.makeGuest(queues: 2)
    let service = try TestService(guest.device, mode: .notified) { NullEngine(capacity: 4 << 20) }
    defer { service.end() }
    try guest.start(VirtioTransportTests.basic, queues: 2)
    pci.enableMessages(3)
    try #expect(guest.run(0, sector: 0, VirtioTransportTests.page, queue: 1) == 0)
    _ = TestDriver.eventually { pci.messages.count(2) > 0 }
    #expect([0, 1, 2].map(pci.messages.count) == [0, 0, 1])
    #expect(pci.messages.message(2) == InterruptMessage(address: 0xfee0_0000, data: 0x42))
    #expect(pci.interrupts == 0, "the line is quiet while MSI-X is on")
    pci.setCommon(0x16, .word, 0)
    pci.setCommon(0x1a, .word, 3)
    #expect(pci.common(0x1a, .word) == 0xffff)
    // A broken ring pulses the configuration's vector.
    _ = guest.rings[0].add([TestBuffer(address: 1 << 40, count: 16)])
    guest.kick(0)
    #expect(TestDriver.eventually { pci.messages.count(0) == 1 })
  }

  @Test func theInterruptStatusSaysWhyTheLineWasPulsedOnce() throws {
    let (guest, pci) = try Self.makeGuest()
    let service = try TestService(guest.device, mode: .notified) { NullEngine(capacity: 4 << 20) }
    defer { service.end() }
    try guest.start(VirtioTransportTests.basic)
    try #expect(guest.run(0, sector: 0, VirtioTransportTests.page) == 0)
    _ = TestDriver.eventually { pci.interrupts > 0 }
    #expect(pci.machine.read(pci.places[3]!.address, .byte) == 1)
    #expect(pci.machine.read(pci.places[3]!.address, .byte) == 0)
  }

  @Test func theWindowInConfigurationSpaceReachesWhatTheRegionHolds() throws {
    let (_, pci) = try Self.makeGuest()
    let window = pci.capabilities[5]!
    pci.machine.setConfiguration(window + 4, .byte, 0)
    pci.machine.setConfiguration(window + 12, .long, 4)
    pci.machine.setConfiguration(window + 8, .long, 0x2000)
    #expect(pci.machine.configuration(window + 16) == 8192, "the disk's sectors")
    pci.machine.setConfiguration(window + 12, .long, 1)
    pci.machine.setConfiguration(window + 8, .long, 0x14)
    pci.machine.setConfiguration(window + 16, .byte, 1)
    #expect(pci.status == 1)
    pci.machine.setConfiguration(window + 12, .long, 3)
    #expect(pci.machine.configuration(window + 16) == 0xffff_ffff, "no such width")
    pci.machine.setConfiguration(window + 4, .byte, 2)
    pci.machine.setConfiguration(window + 12, .long, 1)
    #expect(pci.machine.configuration(window + 16, .byte) == 0xff, "no such region")
  }
}
