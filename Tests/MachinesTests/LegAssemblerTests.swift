import Counters
import Definitions
import Kernels
import LinuxSystem
import ProbeABI
import Results
import Testing
import Topology

@testable import Machines
@testable import Probe

@Suite struct LegAssemblerTests {
  private let assembler: LegAssembler

  init() throws {
    let suite = try SuiteReader.parse(
      "name: s\nwarmup: 0ms\nwindow: 1ms\nmemory: 64MiB\nworkloads: [cpu.integer]", path: "s.yaml")
    let topology = try CPUTopology()
    let cpu = try CPUAffinity.allowed()[0]
    var context = SessionContext(
      suite, try ProbeImage.bundled(), cpus: LegCPUs(workload: cpu, io: nil),
      memory: MemoryPlan(pages: .transparent, node: nil, nodeCount: 1),
      noise: NoiseWatch(legs: [cpu], allowed: [cpu], topology: topology), Interruption())
    context.tscFrequency = 2_000_000
    assembler = LegAssembler(context)
  }

  private func leg(_ workload: String) throws -> PlannedLeg {
    let suite = try SuiteReader.parse(
      "name: s\nblocks: 1\nmachines: [native]\nworkloads: [\(workload)]", path: "s.yaml")
    return Plan(suite, seed: 1).sessions[0].legs[0]
  }

  private func good(_ leg: PlannedLeg) throws -> nm_result {
    var figures = nm_result()
    figures.operations = 10_000
    figures.ticks = 20_000
    (figures.opened_tsc, figures.closed_tsc) = (100, 20_100)
    figures.values = (1000, 10, 0, 0)
    figures.histogram_unit = 1
    let workload = try #require(KernelWorkload(named: leg.workload.id))
    figures.checksum = try #require(
      workload.referenceChecksum(result: figures, job: leg.job, seed: leg.seed, parameters: leg.entry.numbers))
    return figures
  }

  private func record(_ leg: PlannedLeg, _ figures: nm_result, histogram: [UInt8] = []) -> LegRecord {
    var outcome = SessionOutcome()
    outcome.results[leg.job] = ProbeResult(figures: figures, reason: "the reason", histogram: histogram, turns: [])
    return assembler.legs(Session(path: leg.path, legs: [leg]), outcome, order: 0, startedAt: 0)[0]
  }

  @Test func aGoodAnswerHasItsFigures() throws {
    let leg = try leg("cpu.integer")
    let record = record(leg, try good(leg))
    #expect(record.status == .ok && record.reason == nil)
    // 10 000 operations in 20 000 ticks of half a nanosecond.
    let throughput = try #require(record.metrics.first { $0.name == "throughput" })
    #expect(abs(throughput.value - 1000) < 1e-9 && throughput.unit == "Mop/s")
    // For whoever holds it against other hosts.
    let answer = try #require(record.answer)
    #expect(answer.work == "cpu.integer" && answer.operations == 1000 && answer.seed.value == leg.seed)
    #expect(answer.checksum == String(try good(leg).checksum, radix: 16))
  }

  @Test func aNetAnswerHasItsFramesAndWhatBecameOfTheOthers() throws {
    let leg = try leg("net.transmit")
    var figures = try good(leg)
    figures.values = (3, 2, 1, 0)
    figures.bytes = 10_000 << 10
    let record = record(leg, figures)
    #expect(record.status == .ok)
    let values = Dictionary(uniqueKeysWithValues: record.metrics.map { ($0.name, $0.value) })
    #expect(values["frames.lost"] == 3 && values["frames.duplicated"] == 2 && values["frames.reordered"] == 1)
    #expect(values["frames.corrupted"] == 0 && values["frames.missed"] == nil)
    // 10 000 frames of 1 KiB in 10 microseconds.
    #expect(try abs(#require(values["frames"]) - 1e9) < 1)
    #expect(try abs(#require(values["bandwidth"]) - 1e9 / 1024) < 1)
  }

  @Test func aWrongChecksumFailsTheLegAndShowsBoth() throws {
    let leg = try leg("cpu.integer")
    var figures = try good(leg)
    let expected = String(figures.checksum, radix: 16)
    figures.checksum ^= 1
    let record = record(leg, figures)
    #expect(record.status == .failed && record.metrics.isEmpty)
    #expect(record.reason == "wrong checksum: expected \(expected), found \(String(figures.checksum, radix: 16))")
  }

  private static let lies: [@Sendable (inout nm_result) -> Void] = [
    { $0.operations = 0 }, { $0.ticks = 0 }, { $0.closed_tsc = $0.opened_tsc }, { $0.closed_tsc = 0 },
    { $0.values.0 = 0 }, { $0.values.0 = 1 << 39 }, { $0.values.0 = .max },
  ]

  /// Also a number of operations whose repetition would take hours: the answer is refused at once.
  @Test(arguments: lies.indices)
  func figuresThatMakeNoSenseFailTheLeg(index: Int) throws {
    for workload in ["cpu.integer", "cpu.sha256", "memory.touch"] {
      let leg = try leg(workload)
      var figures = try good(leg)
      Self.lies[index](&figures)
      let record = record(leg, figures)
      #expect(record.status == .failed && record.metrics.isEmpty && record.reason != nil)
    }
  }

  @Test func aDamagedHistogramFailsTheLeg() throws {
    let leg = try leg("cpu.integer")
    let record = record(leg, try good(leg), histogram: [0xff, 0xff])
    #expect(record.status == .failed)
    #expect(record.reason?.hasPrefix("the probe's histogram is damaged: ") == true)
  }

  @Test func skippedAndFailedAnswersKeepTheirReason() throws {
    let leg = try leg("cpu.integer")
    var figures = try good(leg)
    figures.status = NM_STATUS_SKIPPED.rawValue
    #expect(record(leg, figures).status == .skipped && record(leg, figures).reason == "the reason")
    figures.status = NM_STATUS_FAILED.rawValue
    #expect(record(leg, figures).status == .failed && record(leg, figures).reason == "the reason")
  }

  @Test func aJobWithoutAnAnswerFailsWithTheMachinesReason() throws {
    let leg = try leg("cpu.integer")
    let session = Session(path: leg.path, legs: [leg])
    let failed = assembler.legs(session, .failed("triple fault"), order: 4, startedAt: 1)[0]
    #expect((failed.status, failed.reason, failed.order) == (.failed, "triple fault", 4))
    let skipped = assembler.legs(session, .skipped("no QEMU"), order: 0, startedAt: 1)[0]
    #expect((skipped.status, skipped.reason) == (.skipped, "no QEMU"))
  }

  private func noisy(_ leg: PlannedLeg, _ change: (inout Noise) -> Void) throws -> SessionOutcome {
    var noise = Noise(elapsed: 100_000_000, cpuCount: 1, steal: 0, involuntarySwitches: 7, runDelay: nil)
    change(&noise)
    var outcome = SessionOutcome()
    outcome.results[leg.job] = ProbeResult(figures: try good(leg), reason: "", histogram: [], turns: [])
    outcome.windows[leg.job] = WindowUse(workload: 1, io: nil, involuntarySwitches: 7, noise: noise)
    return outcome
  }

  @Test func aLegDisturbedFromOutsideIsMarkedAndRunsOnceMore() throws {
    let leg = try leg("cpu.integer")
    let session = Session(path: leg.path, legs: [leg])
    let outcome = try noisy(leg) { ($0.others, $0.throttleEvents) = (50_000_000, 1) }
    let record = assembler.legs(session, outcome, order: 0, startedAt: 0)[0]
    #expect(record.validity.count == 2 && record.noise["othersSeconds"] == 0.05 && record.status == .ok)

    let again = try #require(session.repetition(of: assembler.disturbed(session, outcome), after: 40))
    #expect(again.legs.map(\.job) == [leg.job + 40] && again.path == session.path)
    #expect(again.legs[0].id == "\(leg.id)-attempt2")
    #expect(again.repetition(of: again.legs, after: 40) == nil)
  }

  @Test func aQuietASlowAndAFailedLegRunOnce() throws {
    let leg = try leg("cpu.integer")
    let session = Session(path: leg.path, legs: [leg])
    let quiet = try noisy(leg) { _ in }
    #expect(assembler.disturbed(session, quiet).isEmpty)
    #expect(assembler.legs(session, quiet, order: 0, startedAt: 0)[0].validity.isEmpty)
    let slow = try noisy(leg) { $0.clockRatio = 0.5 }
    #expect(assembler.disturbed(session, slow).isEmpty)
    #expect(assembler.legs(session, slow, order: 0, startedAt: 0)[0].validity.count == 1)
    var failed = try noisy(leg) { $0.others = 90_000_000 }
    failed.results[leg.job] = nil
    #expect(assembler.disturbed(session, failed).isEmpty)
  }

  @Test func aGuestThatOpensManyWindowsGetsNoMoreThanItsJobsNeed() {
    let recorder = WindowRecorder(cpus: [])
    for job in 0..<2000 as Range<UInt32> {
      recorder.mark(NM_MARKER_OPEN | job)
      recorder.mark(NM_MARKER_CLOSE | job)
    }
    #expect(recorder.windows.count == Int(NM_MAX_JOBS))
    #expect(recorder.windows[0] != nil && recorder.windows[1999] == nil)
  }
}
