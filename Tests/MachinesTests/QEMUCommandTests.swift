import Counters
import Definitions
import Foundation
import LinuxSystem
import Probe
import Storage
import Testing
import Topology

@testable import Machines

@Suite struct QEMUCommandTests {
  /// QEMU's arguments for a disk of some parameters.
  private func arguments(_ parameters: String) throws -> [String] {
    let suite = try SuiteReader.parse(
      "name: s\nblocks: 1\nmachines: [qemu]\nworkloads: [{id: block.randread, modes: [paravirtual], parameters: {\(parameters)}}]",
      path: "s.yaml")
    let cpu = try CPUAffinity.allowed()[0]
    let context = SessionContext(
      suite, try ProbeImage.bundled(), cpus: LegCPUs(workload: cpu, io: cpu),
      memory: MemoryPlan(pages: .transparent, node: nil, nodeCount: 1),
      noise: NoiseWatch(legs: [cpu], allowed: [cpu], topology: try CPUTopology()), Interruption())
    let disk = LegDisk(backing: .null(size: 1 << 20), peer: LegDisk.Peer(driver: "raw", path: "/disk"))
    let session = try #require(Plan(suite, seed: 1).sessions.first)
    return QEMUCommand(session: session, context: context, disk: disk).arguments(module: "/jobs")
  }

  private func values(_ option: String, _ arguments: [String]) -> [String] {
    zip(arguments, arguments.dropFirst()).filter { $0.0 == option }.map(\.1)
  }

  @Test func oneQueueIsWhatItAlwaysWas() throws {
    let arguments = try arguments("qd: 1")
    #expect(values("-smp", arguments) == ["1"] && values("-object", arguments) == ["iothread,id=io"])
    #expect(values("-device", arguments).contains("virtio-blk-device,drive=disk,iothread=io"))
  }

  @Test func severalQueuesOfOneThreadAreAProperty() throws {
    let arguments = try arguments("queues: 4, vcpus: 3, transport: pci, ring: packed")
    #expect(values("-smp", arguments) == ["3"])
    #expect(values("-append", arguments)[0].contains(" cpus=3 net=none block=pci block_ring=packed block_queues=4"))
    #expect(
      values("-device", arguments).contains(
        "virtio-blk-pci,disable-legacy=on,drive=disk,iothread=io,num-queues=4,packed=on"))
  }

  @Test(arguments: [("", "virtio-blk-device"), (", transport: pci", "virtio-blk-pci")])
  func severalThreadsAreNamedInTheFormThatCanNameThem(parameters: String, driver: String) throws {
    let arguments = try arguments("queues: 4, vcpus: 2, iothreads: 2\(parameters)")
    #expect(values("-object", arguments) == ["iothread,id=io0", "iothread,id=io1"])
    let text = try #require(values("-device", arguments).last { $0.hasPrefix("{") })
    let device = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(device["driver"] as? String == driver && device["num-queues"] as? Int == 4)
    #expect(device["drive"] as? String == "disk" && device["iothread"] == nil)
    #expect(device[QEMUCommand.queueMapping] as? [[String: String]] == [["iothread": "io0"], ["iothread": "io1"]])
  }
}
