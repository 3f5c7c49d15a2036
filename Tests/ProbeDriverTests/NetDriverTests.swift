import Probe
import ProbeABI
import Testing

/// The probe's network drivers against QEMU's devices, with a far end of our own behind them.
@Suite(
  "The probe's network drivers under QEMU",
  .enabled(if: QEMU.isUsable, "needs qemu-system-x86_64 in PATH and a /dev/kvm that may be opened"), .serialized)
struct NetDriverTests {
  struct Variant: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let machine: String
    let device: [String]
    let options: String
    let facts: [String]

    init(_ description: String, _ machine: String, _ device: [String], _ options: String, _ facts: String) {
      testDescription = description
      self.machine = machine
      self.device = device
      self.options = options
      self.facts = facts.split(separator: " ").map(String.init)
    }

    static func memoryMapped(
      _ description: String, _ properties: String, _ options: String, _ facts: String, interrupts: String = "split"
    ) -> Variant {
      Variant(
        description, "microvm,acpi=off,kernel-irqchip=\(interrupts)",
        ["-global", "virtio-mmio.force-legacy=false", "-device", "virtio-net-device,netdev=net" + properties], options,
        facts)
    }

    static func pci(
      _ description: String, _ machine: String, _ properties: String, _ options: String, _ facts: String
    ) -> Variant {
      Variant(
        description, machine, ["-device", "virtio-net-pci,romfile=,netdev=net" + properties], options, facts)
    }
  }

  static let variants: [Variant] = [
    .memoryMapped(
      "a split ring with event indices", "", "",
      "device=virtio-mmio ring=split event_idx=1 mergeable=1 interrupts=1 acknowledge=0"),
    .memoryMapped(
      "a split ring with flags and single buffers", ",event_idx=off,mrg_rxbuf=off", "", "event_idx=0 mergeable=0"),
    .memoryMapped(
      "a packed ring", ",packed=on", "net_ring=packed net=mmio", "ring=packed event_idx=1 interrupts=1"),
    .memoryMapped(
      "a packed ring with flags and indirect descriptors", ",packed=on,event_idx=off",
      "net_ring=packed net_indirect=1", "ring=packed event_idx=0 indirect=1"),
    .memoryMapped(
      "a line that has to be lowered", "", "net_indirect=1", "indirect=1 interrupts=1 acknowledge=1", interrupts: "on"),
    .memoryMapped("no control queue", ",ctrl_vq=off", "", "ring=split acknowledge=1"),
    .pci("virtio-pci on q35", "q35", "", "", "device=virtio-pci ring=split event_idx=1 interrupts=1 acknowledge=0"),
    .pci("virtio-pci on pc, packed", "pc", ",packed=on", "net=pci net_ring=packed", "device=virtio-pci ring=packed"),
    Variant(
      "an e1000 on pc", "pc", ["-device", "e1000,romfile=,netdev=net"], "net=e1000", "device=e1000 tso=1 interrupts=1"),
    Variant(
      "an e1000 without offloads on q35", "q35", ["-device", "e1000,romfile=,netdev=net"], "net_offload=0",
      "device=e1000 tso=0 interrupts=1"),
  ]

  static let jobs: [ProbeJob] = [
    job(1, "net.pingpong", size: 64, waits: true), job(2, "net.pingpong", size: 1514, waits: false),
    job(3, "net.transmit", size: 1514, waits: true), job(4, "net.transmit", size: 64, waits: false),
    job(5, "net.receive", size: 1514, waits: true), job(6, "net.receive", size: 64, waits: false),
    job(7, "net.bidirectional", size: 512, waits: true), job(8, "net.bulk", size: 1514, waits: false),
  ]

  private static func job(_ number: UInt32, _ workload: String, size: UInt64, waits: Bool) -> ProbeJob {
    ProbeJob(
      number: number, workload: workload, seed: 100 + UInt64(number), warmup: 2_000_000, window: 10_000_000,
      parameters: ["size": size, "wait": waits ? 1 : 0, "credit": 8])
  }

  @Test(arguments: variants)
  func everyFrameArrivesOnceInItsOrderAndWithTheRightBytesOver(_ variant: Variant) throws {
    let peer = try NetPeer()
    defer { peer.end() }
    let qemu = QEMU(machine: variant.machine, device: peer.words + variant.device, options: variant.options)
    let results = try qemu.run(Self.jobs)
    for job in Self.jobs {
      let result = try #require(results[job.number])
      try #require(
        result.figures.status == NM_STATUS_OK.rawValue,
        "\(job.workload): \(result.reason); the far end lost \(peer.lostFrames) frames")
      let words = result.reason.split(separator: " ").map(String.init)
      for fact in variant.facts { #expect(words.contains(fact), "\(result.reason)") }
      let (lost, duplicated, reordered, _) = result.figures.values
      #expect((lost, duplicated, reordered) == (0, 0, 0), "\(job.workload)")
    }
    #expect(results.values.contains { $0.figures.operations > 0 })
  }

  @Test func aMachineWithoutAnInterfaceOrWithoutTheOneAskedForSaysSo() throws {
    let peer = try NetPeer()
    defer { peer.end() }
    let machine = "microvm,acpi=off,kernel-irqchip=split"
    let job = [Self.jobs[0]]
    let none = try QEMU(machine: machine, device: []).run(job)
    #expect(none[1]?.figures.status == NM_STATUS_SKIPPED.rawValue)
    #expect(none[1]?.reason == "this machine has no network device")
    let other = try QEMU(machine: machine, device: [], options: "net=mmio").run(job)
    #expect(other[1]?.reason == "this machine has no network interface of the kind asked for: mmio")
    let wrong = try QEMU(machine: machine, device: [], options: "net=token-ring").run(job)
    #expect(wrong[1]?.figures.status == NM_STATUS_FAILED.rawValue)
    #expect(wrong[1]?.reason.contains("expected net= of mmio") == true)
  }
}
