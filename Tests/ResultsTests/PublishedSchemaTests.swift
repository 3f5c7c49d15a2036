import Foundation
import Histogram
import Results
import TestSupport
import Testing

@Suite("The published JSON Schema", .enabled(if: Python.first.has("jsonschema"), "python3 with jsonschema is not here"))
struct PublishedSchemaTests {
  static let schema = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Reports/result.schema.json").path

  /// Validates JSON texts and returns, for each, "valid" or where the first problem is.
  func validate(_ texts: [String]) throws -> [String] {
    let path = NSTemporaryDirectory() + "nearmetal-schema-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: path) }
    try JSONEncoder().encode(texts).write(to: URL(fileURLWithPath: path))
    return try Python.first.run(
      """
      import json, sys
      from jsonschema import Draft202012Validator
      schema = json.load(open(sys.argv[1]))
      Draft202012Validator.check_schema(schema)
      for text in json.load(open(sys.argv[2])):
          errors = sorted(Draft202012Validator(schema).iter_errors(json.loads(text)), key=lambda e: list(map(str, e.path)))
          print('/'.join(map(str, errors[0].path)) or 'top' if errors else 'valid')
      """, Self.schema, path)
  }

  private var calibration: CalibrationRecord {
    let rate = RateRecord(count: 1, trials: 100, low: 0.0002, high: 0.055, level: 0.95)
    return CalibrationRecord(
      calibratedAt: "2026-11-22T10:15:00Z", fingerprint: "beef0000", suite: "calibrate",
      tool: ToolRecord(version: "1.0.0", revision: "abc", swift: "6.3"), blocks: 7, falseAlarms: rate,
      gateAlarms: RateRecord(count: 0, trials: 0, low: nil, high: nil, level: 0.95),
      detections: [
        DetectionRecord(injection: InjectionRecord(.exitDelay, amount: 200), rate: rate, ratios: ["boot": 0.9])
      ],
      metrics: [
        MetricNoiseRecord(
          workload: Workload("block.randread", ["qd": "1"]), metric: "iops", path: Path(.nearmetal, .polled),
          pairs: 15, noiseFloor: 0.01, minimumDetectableEffect: 0.02, blocksForFivePercent: 7,
          variance: NoiseSourcesRecord(iteration: 0.01, leg: 0.02, block: 0), iterations: 2)
      ])
  }

  /// A result with every optional field present.
  func full() throws -> RunResult {
    var result = try MadeUp.result()
    var histogram = Histogram<UInt64>(highestTrackableValue: 100_000)
    histogram.record(17, count: 5)
    result.legs[0].metrics[1].histogram = HistogramRecord(histogram, unit: .ticks, ticksPerNanosecond: 2.1)
    result.legs[1].metrics[1].histogram = HistogramRecord(histogram, unit: .nanoseconds, ticksPerNanosecond: nil)
    result.legs[0].cpuSeconds = CPUSeconds(vcpu: 1, io: 0.5, total: 1.5)
    result.legs[0].validity = ["steal 3 %"]
    result.legs[1].counters[0].timeEnabled = 1000
    result.legs[1].counters[0].timeRunning = 900
    var counter = result.legs[1].counters[0]
    (counter.thread, counter.unit, counter.trust) = ("workload", "ns", .untrusted)
    result.legs[1].counters[0] = counter
    result.audit = AuditRecord(
      checks: [
        AuditCheck(
          counter: "kvm:kvm_exit", domain: .kvm, work: "5 reads", known: 5, counted: 0, verdict: .explained, why: "so")
      ], unavailable: [UnavailableCounters(names: ["cycles"], reason: "no hardware PMU", remedy: "")])
    result.counted = [
      CountedRecord(
        path: Path(.nearmetal, .polled), workload: Workload("block.randread", ["qd": "1"]), operations: 9,
        counters: [counter])
    ]
    result.claims[0].reason = "because"
    result.run.placement = PlacementRecord(
      plan: "vcpu=2,io=3", vcpu: 2, io: 3, vcpuNode: 0, ioNode: 0, memoryNode: 1, deviceNode: 0,
      deviceReason: "a reason",
      hugePages: "hugetlb")
    result.run.noise = NoiseRecord(
      limits: ["stealShare": 0.01], hiccupCPU: 4, hiccupCost: 0.001, absent: ["clockRatio": "no such counters"])
    (result.host.facts, result.host.unavailable) = (["power.governor": "performance"], ["power.boost": "not told"])
    var memory = MemoryRecord(node: 1, hugePages: "hugetlb")
    (memory.boundTo, memory.nodes, memory.reason) = (1, ["1": 1], "a reason")
    (memory.residentBytes, memory.hugeBytes, memory.kernelPageBytes) = (4 << 20, 2 << 20, 2 << 20)
    (result.legs[0].memory, result.legs[0].attempt) = (memory, 2)
    result.claims[0].test = .superiority
    result.claims[0].reference = Path(.qemu, .polled)
    result.claims[0].requirement = .blocker
    (result.claims[0].level, result.claims[0].blocks, result.claims[0].blocksToDecide) = (0.975, 6, 40)
    result.run.interleaving = "20261122T101500Z-1"
    result.run.extension = ExtensionRecord(blocks: 5, isUsed: true)
    result.comparisons[0].flags = ComparisonFlag.allCases
    result.comparisons[0].notes = ["a note"]
    result.run.injection = InjectionRecord(.ioSlow, amount: 10)
    result.run.scale = 0.1
    var content = SuiteRecord(
      warmup: 1, window: 2, turn: "none", memory: 1 << 30, disk: 1 << 28, pages: "thp",
      entries: [.init(workload: Workload("linux.command", ["cmd": "ls -l"]), window: 3, paths: ["native"])])
    content.guest = SuiteRecord.Guest(kernel: "k", initrd: "i", append: "")
    content.guest?.kernelSHA256 = FileDigest.sha256([1])
    content.jobs = ["a.fio": FileDigest.sha256([])]
    result.run.content = content
    result.calibration = calibration
    return result
  }

  @Test("Accepts what the store writes, with and without everything optional")
  func accepts() throws {
    var bare = try MadeUp.result()
    bare.comparisons = bare.comparisons.map {
      var record = $0
      (record.low, record.high) = (nil, nil)
      return record
    }
    let texts = try [full(), bare, MadeUp.result()].map { String(decoding: try ResultStore.encode($0), as: UTF8.self) }
    #expect(try validate(texts) == ["valid", "valid", "valid"])
  }

  @Test("Knows every value of every enumeration")
  func enumerations() throws {
    var texts: [String] = []
    func add(_ change: (inout RunResult) -> Void) throws {
      var result = try full()
      change(&result)
      texts.append(String(decoding: try ResultStore.encode(result), as: UTF8.self))
    }
    for backend in KVMBackend.allCases { try add { $0.host.kvm.backend = backend } }
    for build in [BuildConfiguration.debug, .release] { try add { $0.run.buildConfiguration = build } }
    for mode in Mode.allCases where mode != .native { try add { $0.legs[1].path.mode = mode } }
    for machine in Machine.allCases where machine != .native { try add { $0.legs[1].path.machine = machine } }
    for direction in Direction.allCases { try add { $0.legs[1].metrics[0].direction = direction } }
    for domain in CounterDomain.allCases { try add { $0.legs[1].counters[0].domain = domain } }
    for verdict in ClaimVerdict.allCases { try add { $0.claims[0].verdict = verdict } }
    for kind in InjectionKind.allCases { try add { $0.run.injection = InjectionRecord(kind, amount: 1) } }
    for test in ClaimTest.allCases { try add { $0.claims[0].test = test } }
    for requirement in ClaimRequirement.allCases { try add { $0.claims[0].requirement = requirement } }
    try add { $0.legs[1].counters[0].status = .multiplexed }
    for trust in CounterTrust.allCases { try add { $0.legs[1].counters[0].trust = trust } }
    for verdict in AuditCheck.Verdict.allCases { try add { $0.audit?.checks[0].verdict = verdict } }
    #expect(try validate(texts) == texts.map { _ in "valid" })
  }

  @Test("Refuses what the store refuses")
  func refuses() throws {
    let whole = String(decoding: try ResultStore.encode(full()), as: UTF8.self)
    let changes: [(old: String, new: String, place: String)] = [
      (#""schema" : "nearmetal.result/1""#, #""schema" : "nearmetal.result/2""#, "schema"),
      (#""seed" : "18446744073709551615""#, #""seed" : 7"#, "run/seed"),
      (#""fingerprint" : "0123abcd","#, "", "host"),
      (#""backend" : "pvm""#, #""backend" : "hvf""#, "host/kvm/backend"),
      (#""status" : "skipped""#, #""status" : "missed""#, "legs/3/status"),
      (#""interrupted" : false"#, #""interrupted" : "no""#, "run/interrupted"),
      (#""suite" : "quick""#, #""suite" : "quick", "surprise" : 1"#, "run"),
      (#""reason" : "a wrong byte at offset 4096","#, "", "legs/24"),
    ]
    let texts = try changes.map { change in
      let range = try #require(whole.range(of: change.old))
      return whole.replacingCharacters(in: range, with: change.new)
    }
    #expect(try validate(texts) == changes.map(\.place))
    for (text, change) in zip(texts, changes) where change.place != "run" {
      #expect(throws: DocumentReadError.self, "\(change)") { try ResultStore.decode([UInt8](text.utf8), path: "r") }
    }
  }
}
