import Kernels
import Probe
import ProbeABI
import Testing

/// The probe's drivers of several queues on several processors, against QEMU's disks.
@Suite(
  "The probe's drivers of several queues under QEMU",
  .enabled(if: QEMU.isUsable, "needs qemu-system-x86_64 in PATH and a /dev/kvm that may be opened"), .serialized)
struct SharedDriverTests {
  private static func shared(_ qemu: QEMU, processors: Int) -> QEMU {
    var qemu = qemu
    qemu.device += ["-smp", "\(processors)"]
    qemu.options += " cpus=\(processors)"
    return qemu
  }

  static let variants = [
    DriverTests.Variant(
      "a line that goes to all processors",
      shared(.memoryMapped(",num-queues=3", "block_queues=3"), processors: 2),
      "device=virtio-mmio queues=3 processors=2 interrupts=1 acknowledge=0"),
    DriverTests.Variant(
      "a line that all processors have to lower",
      shared(.memoryMapped(",num-queues=3", "block_queues=3", interrupts: "on"), processors: 2),
      "device=virtio-mmio queues=3 processors=2 interrupts=1 acknowledge=1"),
    DriverTests.Variant(
      "packed rings",
      shared(.memoryMapped(",num-queues=3,packed=on", "block_queues=3 block_ring=packed"), processors: 2),
      "ring=packed queues=3 processors=2"),
    DriverTests.Variant(
      "a message for each queue", shared(.pci("q35", ",num-queues=3", "block_queues=3"), processors: 2),
      "device=virtio-pci queues=3 processors=2 interrupts=1"),
  ]

  @Test(arguments: variants)
  func workThatProcessorsShareMovesTheRightBytesWith(_ variant: DriverTests.Variant) throws {
    let disk = try TestDisk()
    let jobs = [
      ("block.randread", 4, false), ("block.randread", 4, true), ("block.mixed", 8, true),
      ("block.randwrite", 8, false),
      ("block.write", 1, true),
    ].enumerated().map { index, row -> ProbeJob in
      var job = DriverJobs.job(UInt32(index + 1), row.0, depth: UInt64(row.1), waits: row.2, milliseconds: 20)
      job.parameters["vcpus"] = 2
      job.parameters["queues"] = 3
      return job
    }
    let results = try variant.qemu.run(jobs, disk: disk.path)
    for job in jobs {
      let result = try #require(results[job.number])
      try #require(result.figures.status == NM_STATUS_OK.rawValue, "\(job.workload): \(result.reason)")
      let words = result.reason.split(separator: " ").map(String.init)
      for fact in variant.facts { #expect(words.contains(fact), "\(result.reason)") }
      #expect(result.shares.count == 2 && result.shares.allSatisfy { $0 > 0 })
      let expected = KernelWorkload(named: job.workload)?.referenceChecksum(
        result: result.figures, job: job.number, seed: job.seed, parameters: job.parameters, capacity: 16 << 20,
        shares: result.shares)
      #expect(result.figures.checksum == expected, "\(job.workload)")
    }
    let writers = try disk.writers(jobs.map { ($0.number, $0.seed) })
    #expect(writers.prefix(writers.count / 2).allSatisfy { $0 == 0 }, "a write went to the half that is only read")
    #expect(!writers.contains(nil), "a sector holds what nobody wrote")
  }

  @Test func aDiskWithTooFewQueuesIsRefusedWithTheReason() throws {
    let disk = try TestDisk()
    let job = DriverJobs.job(1, "block.randread", depth: 1, waits: false)
    let qemu = Self.shared(.memoryMapped(",num-queues=2", "block_queues=3"), processors: 1)
    let result = try qemu.run([job], disk: disk.path)[1]
    #expect(result?.figures.status == NM_STATUS_FAILED.rawValue)
    #expect(result?.reason == "the virtio disk has fewer queues than block_queues= asks for")
  }

  @Test func aMachineWithTooFewProcessorsFailsTheJobWithTheReason() throws {
    let disk = try TestDisk()
    var job = DriverJobs.job(1, "block.randread", depth: 1, waits: false)
    (job.parameters["vcpus"], job.parameters["queues"]) = (3, 3)
    var qemu = Self.shared(.memoryMapped(",num-queues=3", "block_queues=3"), processors: 2)
    qemu.options = qemu.options.replacing("cpus=2", with: "cpus=3")
    let result = try qemu.run([job], disk: disk.path)[1]
    #expect(result?.figures.status == NM_STATUS_FAILED.rawValue)
    #expect(result?.reason == "the job is for 3 vCPUs with queues of their own, and the machine has 2")
  }
}
