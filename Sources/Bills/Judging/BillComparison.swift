import EmulatedHost
import Results

/// One bill against another: what changed, exactly.
public struct BillComparison: Codable, Sendable, Equatable {
  public struct Side: Codable, Sendable, Equatable {
    public var id: String
    /// Kernel, backend, words that were added.
    public var host: String
    public var tool: ToolRecord

    init(_ bill: Bill) { (id, host, tool) = (bill.run.id, bill.host.summary, bill.run.tool) }
  }

  public static let currentSchema = "nearmetal.bill.comparison/1"

  public var schema: String
  public var base: Side
  public var head: Side
  public var threshold: String
  /// What differs between the two besides the figures, a phrase each.
  public var subjects: [String]
  /// Regressions first, then improvements, what is undecided, and what did not change; within each the largest share first.
  public var changes: [BillChange]
  /// Lines that the base does not have.
  public var onlyInHead: [String]

  /// Compares bills of one suite, backend, processor and version.
  /// - Throws: where they are not.
  public init(base: Bill, head: Bill, threshold: BillThreshold) throws(BillsDiffer) {
    if let obstacle = Self.obstacle(base, head) { throw BillsDiffer(what: obstacle) }
    schema = Self.currentSchema
    (self.base, self.head, self.threshold) = (Side(base), Side(head), threshold.description)
    subjects = Self.subjects(base, head)
    changes = base.lines.compactMap { line in
      Self.change(line, head.lines.first { $0.workload == line.workload && $0.path == line.path }, threshold)
    }.enumerated().sorted { left, right in
      let ranks = [left.element, right.element].map { Self.rank($0.outcome) }
      if ranks[0] != ranks[1] { return ranks[0] < ranks[1] }
      let sizes = [left.element, right.element].map { abs($0.share ?? .infinity) }
      return sizes[0] == sizes[1] ? left.offset < right.offset : sizes[0] > sizes[1]
    }.map(\.element)
    onlyInHead = head.lines.filter { line in
      !base.lines.contains { $0.workload == line.workload && $0.path == line.path }
    }.map(\.name)
  }

  /// The worst outcome.
  public var outcome: BillOutcome {
    let outcomes = Set(changes.map(\.outcome))
    if outcomes.contains(.regression) { return .regression }
    return outcomes.contains(.inconclusive)
      ? .inconclusive : outcomes.contains(.improvement) ? .improvement : .unchanged
  }

  private static func rank(_ outcome: BillOutcome) -> Int {
    [BillOutcome.regression, .improvement, .inconclusive, .unchanged].firstIndex(of: outcome) ?? 0
  }

  /// Why two bills cannot be compared; nil where they can. A change of kernel, mitigations, monitor or revision is what a comparison is
  /// for; a change of what is counted is not.
  private static func obstacle(_ base: Bill, _ head: Bill) -> String? {
    func unequal(_ what: String, _ values: [String]) -> String? {
      values[0] == values[1] ? nil : "\(what) is \(values[0]) in the base and \(values[1]) in the head"
    }
    return unequal("the suite", [base.run.suite, head.run.suite])
      ?? unequal("the backend", [base.host.backend.rawValue, head.host.backend.rawValue])
      ?? unequal("the processor", [base.host.processor, head.host.processor])
      ?? unequal("the program's version", [base.run.tool.version, head.run.tool.version])
      ?? unequal("the build", [base.run.buildConfiguration.rawValue, head.run.buildConfiguration.rawValue])
      ?? contentDifference(base, head)
  }

  /// What the suites said, but for the machines: a bill of one monitor may be held against one of two.
  private static func contentDifference(_ base: Bill, _ head: Bill) -> String? {
    func bare(_ record: SuiteRecord?) -> SuiteRecord? {
      guard var record else { return nil }
      record.entries = []
      return record
    }
    return SuiteRecord.differences(bare(base.run.content), bare(head.run.content)).first.map { "the suite has \($0)" }
  }

  private static func subjects(_ base: Bill, _ head: Bill) -> [String] {
    [
      ("kernel", base.host.release, head.host.release), ("kernel's build", base.host.version, head.host.version),
      ("kernel's words", base.host.append.joined(separator: " "), head.host.append.joined(separator: " ")),
      ("emulator", base.host.emulator, head.host.emulator),
      ("revision", base.run.tool.revision, head.run.tool.revision), ("Swift", base.run.tool.swift, head.run.tool.swift),
      ("slowdown", base.run.injection?.description ?? "", head.run.injection?.description ?? ""),
    ].filter { $0.1 != $0.2 }.map { "\($0.0): \($0.1.isEmpty ? "none" : $0.1) → \($0.2.isEmpty ? "none" : $0.2)" }
  }

  /// Nil for a line that neither side measured.
  private static func change(_ base: BillLine, _ head: BillLine?, _ threshold: BillThreshold) -> BillChange? {
    if base.status == .skipped, head?.status != .failed { return nil }
    var change = BillChange(
      workload: base.workload, path: base.path, name: base.name, outcome: .inconclusive, base: base.instructions,
      head: head?.instructions, layers: [], functions: [], counts: [])
    guard let before = base.instructions else {
      change.reason = "the base: \(base.reason ?? "it was not measured")"
      return change
    }
    guard let head else {
      // A bill of fewer workloads or monitors says nothing about the others.
      change.reason = "the head's bill does not have it"
      return change
    }
    guard let after = head.instructions else {
      change.outcome = head.status == .failed ? .regression : .inconclusive
      change.reason = "the head: \(head.reason ?? "it was not measured")"
      return change
    }
    change.outcome = outcome(before, after, threshold.allowed(before.value))
    // What one bill does not tell is not zero there.
    if let before = base.layers, let after = head.layers { change.layers = parts(before, after) }
    if base.functions != nil, head.functions != nil { change.functions = parts(functions(base), functions(head)) }
    let counted = Set(base.counts.keys).intersection(head.counts.keys)
    func values(_ line: BillLine) -> [String: Double] {
      line.counts.filter { counted.contains($0.key) }.mapValues(\.value)
    }
    change.counts = parts(values(base), values(head))
    return change
  }

  /// By the nearest and the farthest that the passes of the two can be apart. A line that is not deterministic has its own spread for a
  /// threshold where that is more.
  private static func outcome(_ base: BillFigure, _ head: BillFigure, _ allowed: Double) -> BillOutcome {
    let allowed = max(allowed, base.width, head.width)
    let (least, most) = (head.low - base.high, head.high - base.low)
    if least > allowed { return .regression }
    if most < -allowed { return .improvement }
    return most <= allowed && least >= -allowed ? .unchanged : .inconclusive
  }

  private static func functions(_ line: BillLine) -> [String: Double] {
    Dictionary(
      (line.functions ?? []).map { ("\(source($0.name)) (\($0.layer))", $0.instructions) }, uniquingKeysWith: +)
  }

  /// A C function's name in its source. A compiler cuts one into parts and copies, `event_sched_out.part.0`, in one build and not in the
  /// next, and instructions that only went from part to part changed nothing.
  static func source(_ name: String) -> String {
    let ends = clones.compactMap { name.firstRange(of: $0)?.lowerBound }
    return ends.min().map { String(name[..<$0]) } ?? name
  }

  private static let clones = [".part.", ".constprop.", ".isra.", ".cold", ".llvm."]

  private static func parts(_ base: [String: Double], _ head: [String: Double]) -> [BillPart] {
    Set(base.keys).union(head.keys).sorted().map { BillPart(name: $0, base: base[$0] ?? 0, head: head[$0] ?? 0) }
      .filter { abs($0.difference) >= 0.5e-3 }.sorted { abs($0.difference) > abs($1.difference) }
  }
}

/// Two bills that must not be set against each other.
public struct BillsDiffer: Error, Equatable, Sendable, CustomStringConvertible {
  public let what: String
  public var description: String { "not comparable: \(what)" }
}
