import Bills
import EmulatedHost
import Results
import Testing

@Suite("Bills are compared exactly")
struct BillComparisonTests {
  private func outcome(_ base: [Double], _ head: [Double], _ threshold: BillThreshold) throws -> BillOutcome {
    try BillComparison(
      base: MadeUp.bill([MadeUp.line("exits.trap", base)]), head: MadeUp.bill([MadeUp.line("exits.trap", head)]),
      threshold: threshold
    ).changes[0].outcome
  }

  @Test(arguments: [
    (1428.0, 1284.0, BillOutcome.improvement), (2937, 3103, .regression), (2937, 2937, .unchanged),
    (10_000, 10_020, .unchanged), (10_000, 10_021, .regression), (10_000, 9979, .improvement),
  ])
  func whatIsBeyondTheThresholdChanged(base: Double, head: Double, expected: BillOutcome) throws {
    #expect(try outcome([base, base], [head, head], .share(0.002)) == expected)
  }

  @Test func aThresholdOfInstructionsIsOne() throws {
    #expect(try outcome([3447, 3447], [3467, 3467], .instructions(19)) == .regression)
    #expect(try outcome([3447, 3447], [3467, 3467], .instructions(20)) == .unchanged)
  }

  @Test func aLineThatScattersHasItsSpreadForAThreshold() throws {
    #expect(try outcome([1000, 1010], [1000, 1010], .share(0)) == .unchanged)
    #expect(try outcome([1000, 1010], [1010, 1010], .share(0.002)) == .unchanged)
    #expect(try outcome([1000, 1100], [1090, 1200], .share(0.002)) == .inconclusive)
    #expect(try outcome([1000, 1010], [1200, 1210], .share(0.002)) == .regression)
    #expect(try outcome([1000, 1010], [900, 905], .share(0.002)) == .improvement)
  }

  @Test func regressionsComeFirstAndTheLargestShareFirstAmongThem() throws {
    let base = ["exits.a", "exits.b", "exits.c", "exits.d"].map { MadeUp.line($0, [1000, 1000]) }
    let head = zip(base, [1000.0, 1100, 900, 1500]).map { MadeUp.line($0.workload.id, [$1, $1]) }
    let comparison = try BillComparison(base: MadeUp.bill(base), head: MadeUp.bill(head), threshold: .share(0.01))
    #expect(comparison.changes.map(\.workload.id) == ["exits.d", "exits.b", "exits.c", "exits.a"])
    #expect(comparison.outcome == .regression)
    #expect(comparison.changes[0].share == 0.5)
  }

  @Test func aLineThatFailedInTheHeadIsARegressionAndOneThatWasNotBilledIsUndecided() throws {
    let base = MadeUp.bill([
      MadeUp.line("exits.a", [1, 1]), MadeUp.line("exits.b", [1, 1]), MadeUp.line("exits.c", nil),
    ])
    let head = MadeUp.bill([MadeUp.line("exits.a", nil, status: .failed), MadeUp.line("exits.z", [1, 1])])
    let comparison = try BillComparison(base: base, head: head, threshold: .share(0))
    #expect(comparison.changes.map(\.outcome) == [.regression, .inconclusive])
    #expect(comparison.changes.allSatisfy { $0.reason != nil })
    #expect(comparison.onlyInHead == ["exits.z"])
  }

  @Test func countsLayersAndFunctionsThatChangedAreNamedTheLargestFirst() throws {
    var base = MadeUp.line("exits.a", [1000, 1000], counts: ["exits": 1, "injections": 1])
    var head = MadeUp.line("exits.a", [1100, 1100], counts: ["exits": 2, "injections": 1])
    (base.layers, head.layers) = (["kvm": 700, "kernel": 300], ["kvm": 780, "kernel": 320])
    base.functions = [
      BillFunction(name: "svm_vcpu_run", layer: "kvm", instructions: 4),
      BillFunction(name: "svm_vcpu_run.constprop.0", layer: "kvm", instructions: 6),
    ]
    head.functions = [BillFunction(name: "svm_vcpu_run", layer: "kvm", instructions: 90)]
    let comparison = try BillComparison(base: MadeUp.bill([base]), head: MadeUp.bill([head]), threshold: .share(0.01))
    let change = comparison.changes[0]
    #expect(change.layers.map(\.name) == ["kvm", "kernel"])
    #expect(change.layers.map(\.difference) == [80, 20])
    #expect(change.functions == [BillPart(name: "svm_vcpu_run (kvm)", base: 10, head: 90)])
    #expect(change.counts == [BillPart(name: "exits", base: 1, head: 2)])
    // A head that tells no layers has none of zero.
    (head.layers, head.functions) = (nil, nil)
    let untold = try BillComparison(base: MadeUp.bill([base]), head: MadeUp.bill([head]), threshold: .share(0.01))
    #expect(untold.changes[0].layers.isEmpty && untold.changes[0].functions.isEmpty)
  }

  @Test(arguments: ["suite", "backend", "processor", "version", "build", "window"])
  func whatIsNotOfOneKindIsRefused(kind: String) throws {
    let base = MadeUp.bill([])
    var head = base
    switch kind {
    case "suite": head.run.suite = "exits"
    case "backend": head.host.backend = .vmx
    case "processor": head.host.processor = "another"
    case "version": head.run.tool.version = "9.9"
    case "build": head.run.buildConfiguration = .debug
    default: head.run.content = MadeUp.content(window: 1_000_000)
    }
    #expect(throws: BillsDiffer.self) { try BillComparison(base: base, head: head, threshold: .share(0)) }
  }

  @Test func whatIsToBeJudgedMayDifferAndIsNamed() throws {
    var head = MadeUp.bill([], release: "6.12.0")
    head.host.append = ["mitigations=auto"]
    head.run.tool.revision = "def"
    let comparison = try BillComparison(base: MadeUp.bill([]), head: head, threshold: .share(0))
    #expect(comparison.subjects.count == 3)
    #expect(comparison.subjects[0] == "kernel: 6.1.0 → 6.12.0")
  }

  @Test(arguments: ["0.2%", "20", "0", "1%"]) func thresholdsAreRead(text: String) {
    #expect(BillThreshold(text) != nil)
  }

  @Test(arguments: ["", "%", "-1", "nan", "inf", "100%", "2 %x", "one"]) func otherTextsAreNoThresholds(text: String) {
    #expect(BillThreshold(text) == nil)
  }
}
