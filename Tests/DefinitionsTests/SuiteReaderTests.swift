import Definitions
import Foundation
import LinuxSystem
import Results
import Testing

@Suite struct SuiteReaderTests {
  private func message(_ text: String) -> String? {
    do throws(DefinitionError) {
      _ = try SuiteReader.parse(text, path: "s.yaml")
      return nil
    } catch { return error.description }
  }

  @Test func fieldsThatAreLeftOutHaveTheirDefaults() throws {
    let suite = try SuiteReader.parse("name: small\nworkloads: [cpu.integer]", path: "s.yaml")
    #expect(
      (suite.name, suite.blocks, suite.level, suite.warmup, suite.window) == (
        "small", 10, 0.95, 50_000_000, 200_000_000
      ))
    #expect(suite.memory == 256 << 20)
    #expect(suite.entries.map(\.workload) == [Workload("cpu.integer")])
    #expect(suite.entries[0].machines.count == 3)
  }

  private static func disk(_ parameters: String) -> String {
    "name: s\nworkloads:\n  - id: block.randread\n    parameters: {\(parameters)}"
  }

  private static let wrong: [(text: String, message: String)] = [
    (
      "name: s\nworkloads:\n  - cpu.nothing",
      "s.yaml:3:5: expected a workload (see nearmetal list workloads), found cpu.nothing"
    ),
    (
      "name: s\nworkloads:\n  - id: memory.copy\n    parameters:\n      sise: 4KiB",
      "s.yaml:5:7: expected a parameter of memory.copy: size, found sise; did you mean size?"
    ),
    (
      "name: s\nworkloads:\n  - id: cpu.integer\n    parameters: {size: 1}",
      "s.yaml:4:18: expected cpu.integer without parameters, found size"
    ),
    (
      "name: s\nworkloads:\n  - id: memory.copy\n    parameters:\n      size: 4 KiB",
      "s.yaml:5:13: expected size from 8192 to 274877906944, found 4 KiB"
    ),
    (
      "name: s\nworkloads:\n  - id: memory.triad\n    parameters:\n      size: 8KiB",
      "s.yaml:5:13: expected size from 12288 to 274877906944, found 8KiB"
    ),
    (
      "name: s\nworkloads:\n  - id: memory.latency\n    parameters:\n      size: 64",
      "s.yaml:5:13: expected size from 128 to 274877906944, found 64"
    ),
    (
      "name: s\nworkloads:\n  - id: net.rate\n    parameters: {rate: 1000, load: 50}",
      "s.yaml:3:5: expected rate or load for net.rate, not both, found load=50 rate=1000"
    ),
    (
      "name: s\nworkloads:\n  - cpu.integer\n  - cpu.integer",
      "s.yaml:4:5: expected each workload once, found cpu.integer with these parameters again"
    ),
    (
      "name: s\nworkloads:\n  - id: memory.copy\n    parameters: {size: 16KiB}\n  - id: memory.copy\n    parameters: {size: 16384}",
      "s.yaml:5:5: expected each workload once, found memory.copy with these parameters again"
    ),
    (
      "name: s\nturn: 3s\nworkloads: [cpu.integer]",
      "s.yaml:2:7: expected a quantity such as 2ms, or none, from 200000 to 1000000000, found 3s"
    ),
    (
      "name: s\nblocks: 0\nworkloads: [cpu.integer]",
      "s.yaml:2:9: expected blocks: a whole number from 1 to 1000, found 0"
    ),
    (
      "name: s\nblocks: many\nworkloads: [cpu.integer]",
      "s.yaml:2:9: expected blocks: a whole number from 1 to 1000, found many"
    ),
    ("name: s\nlevel: 1\nworkloads: [cpu.integer]", "s.yaml:2:8: expected a level from 0.5 to below 1, found 1"),
    (
      "name: s\nwindow: 0ms\nworkloads: [cpu.integer]",
      "s.yaml:2:9: expected a quantity such as 200ms, from 100000 to 600000000000, found 0ms"
    ),
    (
      "name: s\nwarmup: {a: b}\nworkloads: [cpu.integer]",
      "s.yaml:2:9: expected a quantity such as 50ms, from 0 to 10000000000, found something that is no plain value"
    ),
    ("name: s\nmemory: 65MiB\nworkloads: [cpu.integer]", "s.yaml:2:9: expected a multiple of 2MiB, found 65MiB"),
    (
      "name: s\ncounters: basic,none\nworkloads: [cpu.integer]",
      "s.yaml:2:11: expected none, off, or basic, vm and names of events between commas, each once, found basic,none"
    ),
    (
      "name: s\nmachines: [xen]\nworkloads: [cpu.integer]",
      "s.yaml:2:12: expected one of native, nearmetal, qemu, found xen"
    ),
    (
      "name: s\nmachines: []\nworkloads: [cpu.integer]",
      "s.yaml:2:11: expected a list of machines, found something that is no plain value"
    ),
    (
      "name: s\nworkloads:\n  - id: exits.cpuid\n    machines: [native]",
      "s.yaml:3:5: expected a machine that exits.cpuid runs on, found native"
    ),
    ("workloads: [cpu.integer]", "s.yaml:1:1: expected a name, found none"),
    ("name: s", "s.yaml:1:1: expected a list of workloads, found none"),
    ("name: s\nworkloads: []", "s.yaml:2:12: expected a list of workloads, found something that is no plain value"),
    ("- a", "s.yaml:1:1: expected a mapping with name and workloads, found something that is no plain value"),
    ("", "s.yaml:1: expected a suite, found an empty file"),
    // Values that no workload can mean.
    (disk("qd: 0"), "s.yaml:4:22: expected qd from 1 to 1024, found 0"),
    (disk("qd: 5000"), "s.yaml:4:22: expected qd from 1 to 1024, found 5000"),
    (disk("bs: 1000"), "s.yaml:4:22: expected bs from 512 to 1048576, a multiple of 512, found 1000"),
    (disk("bs: 2MiB"), "s.yaml:4:22: expected bs from 512 to 1048576, a multiple of 512, found 2MiB"),
    (disk("backing: tape"), "s.yaml:4:27: expected backing of null, memory, file, direct, found tape"),
    (
      disk("transfer: pio, ring: packed"),
      "s.yaml:3:5: expected transfer, which is for emulated disks, or ring, which is for virtio ones, found ring=packed transfer=pio"
    ),
    (
      "name: s\nworkloads:\n  - block.rate",
      "s.yaml:3:5: expected rate for block.rate, found no parameters"
    ),
  ]

  @Test(arguments: wrong)
  func whatIsWrongHasItsLineWhatWasExpectedAndWhatWasFound(text: String, message: String) {
    #expect(self.message(text) == message)
  }

  @Test(arguments: [
    "name: s\nblock: 3\nworkloads: [cpu.integer]", "name: s\nworkloads:\n  - cpu.integer\nname: t: u", "name: [",
    "a: 1\na: 2",
  ])
  func otherMistakesHaveALineToo(text: String) {
    let message = message(text)
    #expect(message?.hasPrefix("s.yaml:") == true && message?.contains(": expected ") == true, "\(message ?? "none")")
  }

  @Test func everyShippedSuiteCanBeRead() throws {
    #expect(SuiteReader.shipped.contains("quick"))
    for name in SuiteReader.shipped { #expect(try SuiteReader.read(name).name == name) }
  }

  @Test func aScaleIsOfWindowsWarmUpAndDiskAlone() throws {
    let suite = try SuiteReader.read("block")
    let scaled = suite.scaled(by: 0.1)
    #expect((scaled.warmup, scaled.window, scaled.disk) == (5_000_000, 30_000_000, 24 << 20))
    #expect(scaled.scale == 0.1 && suite.scale == 1)
    #expect((scaled.memory, scaled.blocks) == (suite.memory, suite.blocks))
    #expect(scaled.entries.map(\.workload) == suite.entries.map(\.workload))
  }

  @Test func aScaleLeavesWindowsAndDisksThatWorkloadsCanUse() {
    let suite = Suite(
      name: "s", blocks: 1, warmup: 0, window: 5_000_000, memory: 64 << 20, disk: 64 << 20, entries: [])
    let small = suite.scaled(by: 0.01)
    #expect((small.warmup, small.window, small.disk) == (0, 1_000_000, 16 << 20))
    let large = suite.scaled(by: 100)
    #expect((large.window, large.disk) == (500_000_000, 6400 << 20))
    let none = Suite(name: "s", blocks: 1, warmup: 0, window: 5_000_000, memory: 64 << 20, entries: []).scaled(by: 0.5)
    #expect(none.disk == 0)
  }

  @Test func aWorkloadMayBeMeasuredForLonger() throws {
    let text = "name: s\nwindow: 80ms\nworkloads: [{id: cpu.integer, window: 320ms}, cpu.float, {id: boot, window: 1s}]"
    let suite = try SuiteReader.parse(text, path: "s.yaml")
    #expect(suite.entries.map(suite.window(of:)) == [320_000_000, 80_000_000, 1_000_000_000])
    #expect(suite.longestWindow == 1_000_000_000)
    let plan = Plan(suite, seed: 1)
    let turns = plan.groups.filter { $0.block == 0 }.compactMap { group in
      group.turnObstacle == nil ? suite.turns(group)?.rounds : nil
    }
    #expect(turns.sorted() == [160, 500])
    let scaled = suite.scaled(by: 0.5)
    #expect(scaled.entries.map(scaled.window(of:)) == [160_000_000, 40_000_000, 500_000_000])
    let estimate = SuiteEstimate(suite)
    #expect(estimate.windows > SuiteEstimate(scaled).windows)
    let wrong = #expect(throws: DefinitionError.self) {
      try SuiteReader.parse("name: s\nworkloads: [{id: cpu.integer, window: 0}]", path: "s.yaml")
    }
    #expect(wrong?.description.contains("200ms") == true)
    var other = suite.record
    other.entries[0].window = 160_000_000
    #expect(
      SuiteRecord.differences(suite.record, other) == [
        "a window of 320.0 ms for cpu.integer in the base, 160.0 ms in the head"
      ])
    #expect(SuiteRecord.differences(suite.record, suite.record).isEmpty)
    #expect(try JSONDecoder().decode(SuiteRecord.self, from: JSONEncoder().encode(other)) == other)
  }

  @Test func aSuiteThatIsNotThereIsNamed() {
    let error = #expect(throws: DefinitionError.self) { try SuiteReader.read("nothing") }
    #expect(error?.description.hasPrefix("nothing: expected a suite file, or one of ") == true)
    #expect(throws: DefinitionError.self) { try SuiteReader.read("/nowhere/suite.yaml") }
  }

  @Test(
    arguments: [
      ("0", 0), ("4096", 4096), ("16KiB", 16384), ("2MiB", 2 << 20), ("1GiB", 1 << 30), ("512B", 512), ("7ns", 7),
      ("3us", 3000),
      ("120ms", 120_000_000), ("2s", 2_000_000_000), ("18446744073709551615", .max),
    ] as [(String, UInt64)])
  func quantitiesAreRead(text: String, value: UInt64) {
    #expect(Quantity.parse(text) == value)
  }

  @Test(arguments: [
    "", "KiB", "-1", "+1", "1.5s", "1 s", "1kB", "0x10", "18446744073709551616", "18446744073709551615KiB", "1sB", "١s",
  ])
  func otherTextIsNoQuantity(text: String) {
    #expect(Quantity.parse(text) == nil)
  }

  @Test(arguments: [
    ("", TurnLength.standard), ("turn: none\n", .none), ("turn: 500us\n", .nanoseconds(500_000)),
    ("turn: 2ms\n", .nanoseconds(2_000_000)),
  ])
  func suitesSayHowLongATurnIs(line: String, turn: TurnLength) throws {
    let suite = try SuiteReader.parse("name: s\nwindow: 80ms\n\(line)workloads: [cpu.integer]", path: "s.yaml")
    #expect(suite.turn == turn)
    let plan = suite.turns(Plan(suite, seed: 1).groups[0])
    switch turn {
    case .none: #expect(plan == nil)
    case .standard: #expect(plan == TurnPlan(length: 500_000, window: 80_000_000) && plan?.rounds == 160)
    case .nanoseconds(let length): #expect(plan?.length == length && plan?.rounds == Int(80_000_000 / length))
    }
  }

  @Test func aStandardTurnIsHalfATickAtLeast() throws {
    func length(_ tick: UInt64, _ found: UInt64? = nil, _ line: String = "") throws -> UInt64? {
      var suite = try SuiteReader.parse("name: s\n\(line)workloads: [cpu.integer]", path: "s.yaml")
      suite.tick = tick
      if let found { suite.turnLengths[suite.entries[0].workload] = found }
      return suite.turns(Plan(suite, seed: 1).groups[0])?.length
    }
    #expect(try length(0) == 500_000 && length(1_000_000) == 500_000)
    #expect(try length(4_000_000) == 2_000_000 && length(10_000_000) == 5_000_000)
    // What a calibration found best on a host of another tick, and what it found here.
    #expect(try length(4_000_000, 500_000) == 2_000_000 && length(4_000_000, 8_000_000) == 8_000_000)
    #expect(try length(4_000_000, nil, "turn: 500us\n") == 500_000)
    #expect(try length(4_000_000, nil, "machines: [native]\n") == 500_000)
  }

  @Test func suitesSayWhichPages() throws {
    let suite = try SuiteReader.parse("name: s\nhugePages: hugetlb\nworkloads: [boot]", path: "s.yaml")
    #expect(suite.pages == .reserved && !suite.isNodeMatrix)
    let wrong = #expect(throws: DefinitionError.self) {
      try SuiteReader.parse("name: s\nhugePages: 2MiB\nworkloads: [boot]", path: "s.yaml")
    }
    #expect(wrong?.description == "s.yaml:2:12: expected one of none, thp, hugetlb, found 2MiB")
    #expect(throws: DefinitionError.self) {
      try SuiteReader.parse("name: s\nplacements: all\nworkloads: [boot]", path: "s.yaml")
    }
  }

  @Test(arguments: [
    ("{backing: memory, format: qcow2}", "a backing that is a file"), ("{format: vhd, allocated: none}", "to a parent"),
    ("{format: raw, allocated: none}", "vhd-differencing, vmdk, qcow2"), ("{format: vdi}", "format of raw, vhd"),
  ])
  func aDiskInAFileThatCannotBeIsRefused(parameters: String, message: String) {
    let text = "name: s\nworkloads: [{id: block.randread, parameters: \(parameters)}]\n"
    let error = #expect(throws: DefinitionError.self) { try SuiteReader.parse(text, path: "s.yaml") }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test func variantsAreHeldAgainstAWorkloadOfTheSuiteOrNone() throws {
    let workloads =
      "workloads: [{id: block.read, parameters: {format: raw}}, {id: block.read, parameters: {format: vhd}}]"
    #expect(
      try SuiteReader.parse("name: s\nagainst: {format: raw}\n\(workloads)\n", path: "s").against == ["format": "raw"])
    #expect(throws: DefinitionError.self) {
      try SuiteReader.parse("name: s\nagainst: {format: qcow2}\n\(workloads)\n", path: "s")
    }
  }
}
