import Kernels
import Probe
import ProbeABI
import Testing

/// The jobs that every driver has to get right, and what their answers must be.
enum DriverJobs {
  /// Reads, writes, both, and flushes, alone and many at a time, polled for and waited for.
  static let all: [ProbeJob] = [
    job(1, "block.randread", depth: 1, waits: false), job(2, "block.randread", depth: 32, waits: true),
    job(3, "block.read", depth: 32, waits: false, blockSize: 65536), job(4, "block.read", depth: 1, waits: true),
    job(5, "block.randwrite", depth: 32, waits: false), job(6, "block.mixed", depth: 32, waits: true),
    job(7, "block.mixed", depth: 4, waits: false), job(8, "block.flush", depth: 1, waits: false),
    job(9, "block.flush", depth: 1, waits: true), job(10, "block.write", depth: 1, waits: true),
  ]

  static func job(
    _ number: UInt32, _ workload: String, depth: UInt64, waits: Bool, blockSize: UInt64 = 4096,
    milliseconds: UInt64 = 10, deadline: UInt64? = nil
  ) -> ProbeJob {
    var parameters = ["bs": blockSize, "qd": depth, "wait": waits ? 1 : 0, "diskseed": TestDisk.seed]
    if let deadline { parameters["deadline"] = deadline }
    return ProbeJob(
      number: number, workload: workload, seed: 100 + UInt64(number), warmup: 2_000_000,
      window: milliseconds * 1_000_000, parameters: parameters)
  }

  /// Runs jobs and checks every answer and every sector of the disk.
  /// - Parameters:
  ///   - facts: words that the driver must say of itself.
  ///   - depth: most requests in flight of the jobs that are run.
  static func verify(_ qemu: QEMU, facts: [String], depth: UInt64 = .max) throws {
    let disk = try TestDisk()
    let jobs = all.filter { $0.parameters["qd"] ?? 1 <= depth }
    let results = try qemu.run(jobs, disk: disk.path)
    for job in jobs {
      let result = try #require(results[job.number])
      try #require(result.figures.status == NM_STATUS_OK.rawValue, "\(job.workload): \(result.reason)")
      let words = result.reason.split(separator: " ").map(String.init)
      for fact in facts { #expect(words.contains(fact), "\(result.reason)") }
      #expect(result.figures.operations > 0)
      #expect(result.figures.checksum == checksum(job, result.figures.operations), "\(job.workload)")
    }
    let writers = try disk.writers(jobs.map { ($0.number, $0.seed) })
    #expect(writers.prefix(writers.count / 2).allSatisfy { $0 == 0 }, "a write went to the half that is only read")
    #expect(!writers.contains(nil), "a sector holds what nobody wrote")
    #expect(writers.contains(10), "the last job's writes are not on the disk")
  }

  private static func checksum(_ job: ProbeJob, _ operations: UInt64) -> UInt64? {
    // A flush job counts its flushes; the writes between them are what it sums up.
    let kind: BlockPlan.Kind =
      switch job.workload {
      case "block.read", "block.randread": .reads
      case "block.mixed": .mixed
      default: .writes
      }
    let isRandom = job.workload != "block.read" && job.workload != "block.write"
    let plan = BlockPlan(
      kind: kind, isRandom: isRandom, capacity: 16 << 20, blockSize: job.parameters["bs"] ?? 0, seed: job.seed)
    return plan?.checksum(operations: operations, diskSeed: TestDisk.seed, jobSeed: job.seed, job: job.number)
  }
}
