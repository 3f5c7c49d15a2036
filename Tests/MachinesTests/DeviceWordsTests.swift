import Definitions
import Results
import Testing

@testable import Machines

/// What the probe is told of its disk.
@Suite struct DeviceWordsTests {
  private func words(_ parameters: String, _ mode: String) throws -> String {
    let suite = try SuiteReader.parse(
      "name: s\nblocks: 1\nwindow: 10ms\nmachines: [nearmetal]\nworkloads: "
        + "[{id: block.randread, modes: [\(mode)], parameters: {bs: 4KiB, backing: file, \(parameters)}}]",
      path: "s.yaml")
    return try #require(Plan(suite, seed: 1).groups.first?.sessions.first).deviceWords
  }

  @Test(arguments: [
    ("qd: 1", "polled", "net=none block=mmio block_queue=4"), ("qd: 32", "polled", "net=none block=mmio"),
    ("qd: 1, queue: 256", "polled", "net=none block=mmio block_queue=256"),
    ("qd: 1, ring: packed", "polled", "net=none block=mmio block_ring=packed"),
    ("qd: 1", "paravirtual", "net=none block=mmio"),
    ("qd: 2, queue: 8", "paravirtual", "net=none block=mmio block_queue=8"),
    ("qd: 1", "emulated", "net=none block=ide-dma"), ("qd: 1", "vhost-user", "net=none block=pci"),
    ("qd: 1, queue: 16, ring: packed", "vhost-user", "net=none block=pci block_ring=packed block_queue=16"),
    ("qd: 1, queues: 3, vcpus: 2", "polled", "net=none block=mmio block_queue=4 block_queues=3"),
    ("qd: 8, queues: 64, transport: pci", "paravirtual", "net=none block=pci block_queues=64"),
  ])
  func aSinglePolledRequestHasARingOfItsOwn(parameters: String, mode: String, expected: String) throws {
    #expect(try words(parameters, mode) == expected)
  }

  @Test func aRingTooSmallForItsRequestsIsRefused() {
    #expect(throws: (any Error).self) { try words("qd: 3, queue: 8", "polled") }
  }
}
