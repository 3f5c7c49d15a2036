import KVM
import LinuxSystem
import Probe
import ProbeABI
import Results
import VirtualMachine

/// The probe with one job, to be run in several ways.
struct ProbeRun {
  let image: ProbeImage
  let tscFrequency: UInt64
  let jobs: [UInt8]
  static let memory: UInt64 = 64 << 20

  init(_ jobs: [ProbeJob]) throws {
    image = try ProbeImage.bundled()
    let machine = try System().createVirtualMachine()
    tscFrequency = machine.tscFrequency() ?? MonotonicClock.tscFrequency()
    self.jobs = ProbeJob.text(jobs, tscFrequency: tscFrequency)
  }

  var commandLine: String { "tsc_khz=\(tscFrequency) cpus=1" }
  static var patience: UInt64 { MonotonicClock.now + 60_000_000_000 }

  /// The job's median in nanoseconds.
  func median(_ records: RecordStream) throws -> Double {
    let record = try HistogramRecord(
      probeCounts: answer(records).histogram, ticksPerNanosecond: ticksPerNanosecond, operationsPerSample: 1)
    guard let median = try LatencyDistribution(record).nanoseconds(atPercentile: 50) else {
      throw Problem("the probe timed nothing")
    }
    return median
  }

  /// The job's window over its operations, in nanoseconds.
  func mean(_ records: RecordStream) throws -> Double {
    let figures = try answer(records).figures
    return Double(figures.ticks) / ticksPerNanosecond / Double(figures.operations)
  }

  private var ticksPerNanosecond: Double { Double(tscFrequency) / 1e6 }

  /// What the probe answered to the job.
  private func answer(_ records: RecordStream) throws -> ProbeResult {
    for arrival in records.arrivals {
      guard case .result(_, let result) = arrival.record else { continue }
      guard result.figures.status == NM_STATUS_OK.rawValue else { throw Problem("the probe said: \(result.reason)") }
      return result
    }
    throw Problem(records.error?.description ?? "the probe did not answer the job")
  }
}

/// Why a benchmark has no figure.
struct Problem: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
