import Counters
import LinuxSystem
import Results
import ShippedDefinitions
import Yams

/// Reads suites: the ones that come with the program by their names, any other file by its path.
public struct SuiteReader {
  private let yaml: YAMLDocument

  /// Names of the suites that come with the program.
  public static var shipped: [String] { Shipped.names(.suites) }

  /// The file of a suite that is named, or given by its path.
  public static func file(_ suite: String) throws(DefinitionError) -> String {
    try DefinitionFile.locate(suite, .suites, "a suite file")
  }

  /// The suite of a name or a path.
  public static func read(_ suite: String) throws(DefinitionError) -> Suite {
    let (document, root) = try YAMLDocument.read(try file(suite), expected: "a suite")
    return try SuiteReader(yaml: document).suite(root)
  }

  /// Reads a suite from its text; messages call its file `path`.
  public static func parse(_ text: String, path: String) throws(DefinitionError) -> Suite {
    let (document, root) = try YAMLDocument.parse(Array(text.utf8), path: path, expected: "a suite")
    return try SuiteReader(yaml: document).suite(root)
  }

  /// Reads a suite that is part of another file.
  static func read(_ node: Node, in document: YAMLDocument) throws(DefinitionError) -> Suite {
    try SuiteReader(yaml: document).suite(node)
  }

  private static let fields = [
    "name", "summary", "blocks", "extend", "level", "warmup", "window", "memory", "disk", "machines", "counters",
    "hugePages", "placements", "turn", "against", "kernel", "initrd", "append", "workloads",
  ]

  private func suite(_ node: Node) throws(DefinitionError) -> Suite {
    let fields = try yaml.mapping(node, "a mapping with name and workloads", known: Self.fields)
    let machines: Set<Machine> =
      try fields["machines"].map { (node) throws(DefinitionError) in try yaml.words(node, "a list of machines") }
      ?? Set(Machine.allCases)
    var entries: [SuiteEntry] = []
    for item in try yaml.list(fields["workloads"], in: node, "a list of workloads") {
      let entry = try self.entry(item, machines)
      guard !entries.contains(where: { $0.workload == entry.workload }) else {
        throw yaml.error(item, "each workload once", "\(entry.workload.id) with these parameters again")
      }
      entries.append(entry)
    }
    var suite = Suite(
      name: try yaml.string(fields["name"], in: node, "name"), summary: fields["summary"]?.string ?? "",
      blocks: try number(fields["blocks"], "blocks", 1...1000, otherwise: 10),
      extend: try number(fields["extend"], "extend", 0...1000, otherwise: 0),
      level: try yaml.level(fields["level"]),
      warmup: try yaml.quantity(fields["warmup"], in: 0...10_000_000_000, otherwise: 50_000_000, such: "50ms"),
      window: try window(fields["window"]) ?? 200_000_000,
      memory: try size(fields["memory"]), disk: try size(fields["disk"]), entries: entries)
    if let node = fields["turn"] {
      suite.turn =
        yaml.text(node) == "none"
        ? .none : .nanoseconds(try yaml.quantity(node, in: TurnPlan.lengths, otherwise: 0, such: "2ms, or none"))
    }
    suite.folder = AtomicFile.directory(of: yaml.path)
    suite.guest = try guest(fields, in: node, entries)
    if let node = fields["against"] { suite.against = try against(node, entries) }
    if let node = fields["counters"] { suite.counters = try counters(node) }
    if let node = fields["hugePages"] { suite.pages = try yaml.word(node) }
    if let node = fields["placements"] {
      guard yaml.text(node) == "matrix" else { throw yaml.error(node, "matrix", yaml.text(node)) }
      suite.isNodeMatrix = true
    }
    return suite
  }

  private func number(
    _ node: Node?, _ name: String, _ range: ClosedRange<Int>, otherwise standard: Int
  ) throws(DefinitionError) -> Int {
    guard let node else { return standard }
    return try yaml.integer(node, name, range)
  }

  /// Nanoseconds of a window; nil where there is none.
  private func window(_ node: Node?) throws(DefinitionError) -> UInt64? {
    guard let node else { return nil }
    return try yaml.quantity(node, in: 100_000...600_000_000_000, otherwise: 0, such: "200ms")
  }

  /// Bytes of memory or of a disk: whole huge pages.
  private func size(_ node: Node?) throws(DefinitionError) -> UInt64 {
    let bytes = try yaml.quantity(node, in: (64 << 20)...(1 << 40), otherwise: 256 << 20, such: "256MiB")
    if let node, bytes % UInt64(MemoryPages.hugeSize) != 0 {
      throw yaml.error(node, "a multiple of 2MiB", yaml.text(node))
    }
    return bytes
  }

  /// Values of parameters that some workloads have, and others have not.
  private func against(_ node: Node, _ entries: [SuiteEntry]) throws(DefinitionError) -> [String: ParameterValue] {
    var values: [String: ParameterValue] = [:]
    for (key, value) in try yaml.mapping(node, "a mapping of parameters") {
      values[yaml.text(key)] = ParameterValue(yaml.text(value))
    }
    let workloads = Set(entries.map(\.workload))
    guard
      entries.contains(where: {
        workloads.contains($0.workload.with(values)) && $0.workload.with(values) != $0.workload
      })
    else {
      throw yaml.error(
        node, "parameters of a workload of the suite of which there are others that are the same but for them",
        Workload("", values).parameterText)
    }
    return values
  }

  /// What guests boot, and whether there are workloads for it.
  private func guest(
    _ fields: Node.Mapping, in node: Node, _ entries: [SuiteEntry]
  ) throws(DefinitionError) -> LinuxGuest? {
    let linux = entries.filter { $0.kind == .linux }
    guard let first = linux.first else {
      if let key = ["kernel", "initrd", "append"].first(where: { fields[$0] != nil }) {
        throw yaml.error(fields[key] ?? node, "a workload under Linux, such as linux.boot, beside \(key)", "none")
      }
      return nil
    }
    if let block = entries.first(where: { $0.kind == .block }) {
      throw yaml.error(
        node,
        "workloads under Linux and those of disks in suites of their own: what yours leave on the disk is nothing that the others "
          + "could verify", "\(first.workload.id) and \(block.workload.id)")
    }
    guard linux.contains(where: { $0.machines != [.native] }) || fields["kernel"] != nil else { return nil }
    func path(_ name: String) throws(DefinitionError) -> String {
      guard let path = fields[name] else {
        throw yaml.error(node, "kernel and initrd beside \(first.workload.id): \(LinuxGuest.advice)", "no \(name)")
      }
      return try yaml.string(path, in: node, name)
    }
    var guest = LinuxGuest(kernel: try path("kernel"), initrd: try path("initrd"))
    if let append = fields["append"] {
      guest.append = try yaml.string(append, in: node, "append")
      guard guest.append.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }), guest.append.utf8.count <= 1024 else {
        throw yaml.error(append, "words for the kernel's command line, at most 1024 bytes of ASCII", yaml.text(append))
      }
    }
    return guest
  }

  private func counters(_ node: Node) throws(DefinitionError) -> CounterSelection {
    guard let selection = CounterSelection(yaml.text(node)) else {
      throw yaml.error(node, CounterSelection.expected, yaml.text(node))
    }
    return selection
  }
}

// MARK: Entries

extension SuiteReader {
  private func entry(_ node: Node, _ suiteMachines: Set<Machine>) throws(DefinitionError) -> SuiteEntry {
    guard node.mapping != nil else {
      return try entry(node, id: node, parameters: [:], machines: suiteMachines, modes: nil)
    }
    let fields = try yaml.mapping(
      node, "a workload's id, or a mapping with it", known: ["id", "machines", "modes", "window", "parameters"])
    var machines = suiteMachines
    if let list = fields["machines"] { machines = try yaml.words(list, "a list of machines") }
    var modes: Set<Mode>?
    if let list = fields["modes"] { modes = try yaml.words(list, "a list of modes") }
    var parameters: Node.Mapping = [:]
    if let node = fields["parameters"] { parameters = try yaml.mapping(node, "a mapping of parameters") }
    var entry = try self.entry(node, id: fields["id"] ?? node, parameters: parameters, machines: machines, modes: modes)
    entry.window = try window(fields["window"])
    return entry
  }

  private func entry(
    _ node: Node, id: Node, parameters: Node.Mapping, machines: Set<Machine>, modes: Set<Mode>?
  ) throws(DefinitionError) -> SuiteEntry {
    let definition = try WorkloadReader(yaml: yaml).definition(id)
    let values = try WorkloadReader(yaml: yaml).parameters(parameters, of: definition)
    if let problem = definition.problem(with: values) {
      throw yaml.error(node, problem, values.isEmpty ? "no parameters" : Workload(definition.id, values).parameterText)
    }
    let possible = machines.intersection(definition.paths.map(\.machine))
    guard !possible.isEmpty else {
      throw yaml.error(node, "a machine that \(definition.id) runs on", Self.words(machines))
    }
    if let modes {
      let known = definition.paths.filter { machines.contains($0.machine) && !$0.isNative }.map(\.mode)
      guard modes.isSubset(of: known + [.native]), !modes.isDisjoint(with: known) else {
        throw yaml.error(node, "modes of \(definition.id): \(Self.words(Set(known)))", Self.words(modes))
      }
    }
    return SuiteEntry(Workload(definition.id, values), definition, machines: possible, modes: modes)
  }

  private static func words(_ values: some Sequence<some RawRepresentable<String>>) -> String {
    values.map(\.rawValue).sorted().joined(separator: ", ")
  }
}
