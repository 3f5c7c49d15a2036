import CLinux
import Devices
import KVM
import LinuxSystem
import Network
import Probe
import ProbeABI
import Testing
import VirtualMachine

/// The probe's network driver and our own network interface, in a guest with a far end on the in-process wire.
@Suite(
  "Network workloads in a guest", .enabled(if: (try? System()) != nil, "needs a /dev/kvm that this user may open"),
  .serialized)
struct NetRunTests {
  struct Variant: Sendable, CustomTestStringConvertible {
    var attachment: NetConfiguration.Attachment
    var options = ""
    var facts: String
    var testDescription: String { "\(attachment) \(options)" }
  }

  static let variants = [
    Variant(
      attachment: .virtioMMIO(.notified),
      facts: "device=virtio-mmio ring=split mergeable=1 tso=1 lro=1 interrupts=1 acknowledge=0"),
    Variant(attachment: .virtioMMIO(.polled()), options: "net_ring=packed", facts: "ring=packed interrupts=0"),
    Variant(
      attachment: .virtioPCI(.notified), options: "net_ring=packed net_indirect=1 net=pci",
      facts: "device=virtio-pci ring=packed indirect=1 interrupts=1"),
    Variant(
      attachment: .virtioPCI(.polled()), options: "net_mergeable=0", facts: "device=virtio-pci mergeable=0 lro=1"),
    Variant(
      attachment: .virtioMMIO(.notified), options: "net_event_idx=0 net_offload=0 net_mergeable=0",
      facts: "event_idx=0 tso=0 lro=0"),
    Variant(attachment: .e1000, facts: "device=e1000 tso=1 interrupts=1"),
    Variant(attachment: .e1000, options: "net=e1000 net_offload=0 net_itr=64", facts: "device=e1000 tso=0"),
  ]

  static func jobs(waits: Bool) -> [ProbeJob] {
    func job(_ number: UInt32, _ workload: String, size: UInt64, receives: Bool = false) -> ProbeJob {
      ProbeJob(
        number: number, workload: workload, seed: UInt64(number), warmup: 2_000_000, window: 50_000_000,
        parameters: ["size": size, "wait": waits ? 1 : 0, "direction": receives ? 1 : 0])
    }
    return [
      job(1, "net.pingpong", size: 64), job(2, "net.transmit", size: 64), job(3, "net.receive", size: 1514),
      job(4, "net.bidirectional", size: 512), job(5, "net.bulk", size: 1514),
      job(6, "net.bulk", size: 1514, receives: true),
    ]
  }

  @Test("every frame arrives once, in its order and with the right bytes", arguments: variants)
  func framesArrive(_ variant: Variant) throws {
    try verify(
      NetConfiguration(try InProcessLink(), attachment: variant.attachment), variant.options, facts: variant.facts)
  }

  @Test(
    "the host's kernel serves the same driver",
    .enabled(
      if: unsafe getuid() == 0 && access(VhostNet.path, R_OK | W_OK) == 0,
      "needs root and a /dev/vhost-net: modprobe vhost_net"))
  func vhost() throws {
    let wire = try TAPWire(cpu: nil)
    try verify(NetConfiguration(vhost: wire.descriptor), "", facts: "device=virtio-pci ring=split tso=1")
    withExtendedLifetime(wire) {}
  }

  private func verify(_ net: NetConfiguration, _ options: String, facts: String) throws {
    let isPolled: Bool =
      switch net.attachment {
      case .virtioMMIO(let mode), .virtioPCI(let mode): mode != .notified
      case .vhost, .e1000: false
      }
    let jobs = Self.jobs(waits: !isPolled)
    let stream = RecordStream()
    let frequency = MonotonicClock.tscFrequency()
    let image = try ProbeImage.bundled()
    let machine = try Machine(
      try System(), MachineConfiguration(memory: 64 << 20, nets: [net]), serial: { stream.receive($0) },
      marker: { _ in })
    try machine.load(
      image.elf, name: image.path, commandLine: "tsc_khz=\(frequency) cpus=1 block=none \(options)",
      module: ProbeJob.text(jobs, tscFrequency: frequency))
    let end = try machine.run(until: MonotonicClock.now + 60_000_000_000)
    #expect(machine.netFailure == nil)
    var results: [UInt32: ProbeResult] = [:]
    for arrival in stream.arrivals { if case .result(let job, let result) = arrival.record { results[job] = result } }
    for job in jobs {
      let result = try #require(results[job.number], "\(job.workload): \(end)")
      try #require(result.figures.status == NM_STATUS_OK.rawValue, "\(job.workload): \(result.reason)")
      let words = result.reason.split(separator: " ")
      for fact in facts.split(separator: " ") { #expect(words.contains(fact), "\(result.reason)") }
      let (lost, duplicated, reordered, _) = result.figures.values
      #expect((lost, duplicated, reordered) == (0, 0, 0), "\(job.workload)")
    }
    #expect(results.values.contains { $0.figures.operations > 0 })
    #expect(end == .exited(NM_EXIT_DONE))
  }
}
