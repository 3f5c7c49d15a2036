import Counters
import Foundation
import LinuxSystem
import Results
import Yams

/// Reads suites: the ones that come with the program by their names, any other file by its path.
public struct SuiteReader {
  private let path: String

  /// Names of the suites that come with the program.
  public static var shipped: [String] { files.filter { !isProfile($0) }.map(name).sorted() }

  /// Names of the qualification profiles that come with the program, beside the suites.
  public static var shippedProfiles: [String] { files.filter(isProfile).map(name).sorted() }

  private static var files: [String] { Bundle.module.paths(forResourcesOfType: "yaml", inDirectory: "Suites") }
  private static func name(_ path: String) -> String { URL(filePath: path).deletingPathExtension().lastPathComponent }

  /// A profile says so with its first key.
  private static func isProfile(_ path: String) -> Bool {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return false }
    return text.split(separator: "\n").first { !$0.hasPrefix("#") }?.hasPrefix("profile:") ?? false
  }

  /// The file of a suite that is named, or given by its path.
  public static func file(_ suite: String) throws(SuiteError) -> String {
    let isPath = suite.contains("/") || suite.hasSuffix(".yaml") || suite.hasSuffix(".yml")
    let file = Bundle.module.url(forResource: suite, withExtension: "yaml", subdirectory: "Suites")
    guard let path = isPath ? suite : file?.path else {
      throw SuiteError(
        path: suite, line: nil, expected: "a suite file, or one of \(shipped.joined(separator: ", "))", found: "neither"
      )
    }
    return path
  }

  /// The suite of a name or a path.
  public static func read(_ suite: String) throws(SuiteError) -> Suite {
    let path = try file(suite)
    let text: String
    do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw SuiteError(path: path, line: nil, expected: "a readable UTF-8 file", found: error.localizedDescription)
    }
    return try parse(text, path: path)
  }

  /// Reads a suite from its text.
  public static func parse(_ text: String, path: String) throws(SuiteError) -> Suite {
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch let error as YamlError {
      throw SuiteError(path: path, line: line(of: error), expected: "YAML", found: oneLine(error))
    } catch {
      throw SuiteError(path: path, line: nil, expected: "YAML", found: "\(error)")
    }
    guard let root else { throw SuiteError(path: path, line: 1, expected: "a suite", found: "an empty file") }
    return try read(root, path: path)
  }

  /// Reads a suite that is part of another file.
  public static func read(_ node: Node, path: String) throws(SuiteError) -> Suite {
    try SuiteReader(path: path).suite(node)
  }

  private func suite(_ node: Node) throws(SuiteError) -> Suite {
    let fields = try mapping(node, "a mapping with name and workloads")
    let known = [
      "name", "summary", "blocks", "extend", "level", "warmup", "window", "memory", "disk", "machines", "counters",
      "hugePages", "placements", "workloads",
    ]
    for (key, _) in fields where !known.contains(key.string ?? "") {
      throw error(key, "one of \(known.joined(separator: ", "))", text(key))
    }
    let machines =
      try fields["machines"].map { (node) throws(SuiteError) in try self.machines(node) }
      ?? Set(Results.Machine.allCases)
    guard let list = fields["workloads"]?.sequence, !list.isEmpty else {
      throw error(fields["workloads"] ?? node, "a list of workloads", fields["workloads"].map(text) ?? "none")
    }
    var entries: [Suite.Entry] = []
    for item in list {
      let entry = try self.entry(item, machines)
      guard !entries.contains(where: { $0.measures(as: entry) }) else {
        throw error(item, "each workload once", "\(entry.workload) with these parameters again")
      }
      entries.append(entry)
    }
    var suite = Suite(
      name: try string(fields["name"], node, "name"), summary: fields["summary"]?.string ?? "",
      blocks: try integer(fields["blocks"], 1...1000, 10), extend: try integer(fields["extend"], 0...1000, 0),
      level: try level(fields["level"]),
      warmup: try quantity(fields["warmup"], 0...10_000_000_000, "50ms"),
      window: try quantity(fields["window"], 1_000_000...600_000_000_000, "200ms"),
      memory: try size(fields["memory"], "256MiB"), disk: try size(fields["disk"], "256MiB"), entries: entries)
    suite.counters = try counters(fields["counters"])
    if let node = fields["hugePages"] { suite.pages = try pages(node) }
    if let node = fields["placements"] {
      guard text(node) == "matrix" else { throw error(node, "matrix", text(node)) }
      suite.isNodeMatrix = true
    }
    return suite
  }

  private func pages(_ node: Node) throws(SuiteError) -> MemoryPages {
    guard let pages = MemoryPages(rawValue: text(node)) else {
      throw error(node, MemoryPages.allCases.map(\.rawValue).joined(separator: ", "), text(node))
    }
    return pages
  }

  private func counters(_ node: Node?) throws(SuiteError) -> CounterSelection {
    guard let node else { return .standard }
    guard let selection = CounterSelection(text(node)) else {
      throw error(node, "none, or basic, vm and names of events between commas, each once", text(node))
    }
    return selection
  }

  private func entry(_ node: Node, _ suiteMachines: Set<Results.Machine>) throws(SuiteError) -> Suite.Entry {
    var machines = suiteMachines
    var modes: Set<Mode>?
    var parameters: [(key: Node, value: Node)] = []
    var name = node
    if let fields = node.mapping {
      for (key, value) in fields {
        switch key.string {
        case "id": name = value
        case "machines": machines = try self.machines(value)
        case "modes": modes = try self.modes(value)
        case "parameters":
          parameters = try mapping(value, "a mapping of parameters").map { ($0.key, $0.value) }
        default: throw error(key, "id, machines, modes or parameters", text(key))
        }
      }
    }
    guard let id = name.string, let workload = WorkloadCatalog[id] else {
      throw error(name, "a workload (see nearmetal list workloads)", text(name))
    }
    var (texts, values): ([String: String], [String: UInt64]) = ([:], [:])
    for (keyNode, valueNode) in parameters {
      let (key, value) = (text(keyNode), text(valueNode))
      texts[key] = value
      guard let parameter = workload.parameters[key] else {
        let known = workload.parameters.keys.sorted().joined(separator: ", ")
        throw error(keyNode, known.isEmpty ? "\(id) without parameters" : "a parameter of \(id): \(known)", key)
      }
      if let choices = parameter.choices {
        guard choices.contains(value) else {
          throw error(valueNode, "\(key) of \(choices.joined(separator: ", "))", value)
        }
        continue
      }
      guard let number = Quantity.parse(value) else {
        throw error(valueNode, "a number for \(key), such as 16KiB", value)
      }
      values[key] = number
    }
    let possible = machines.intersection(workload.paths.map(\.machine))
    guard !possible.isEmpty else {
      throw error(node, "a machine that \(id) runs on", machines.map(\.rawValue).sorted().joined(separator: ", "))
    }
    if let modes {
      let known = workload.paths.filter { machines.contains($0.machine) && $0.machine != .native }.map(\.mode)
      guard modes.isSubset(of: known + [.native]), !modes.isDisjoint(with: known) else {
        throw error(
          node, "modes of \(id): \(Set(known.map(\.rawValue)).sorted().joined(separator: ", "))",
          modes.map(\.rawValue).sorted().joined(separator: ", "))
      }
    }
    return Suite.Entry(
      workload: id, parameters: texts, values: values, machines: possible, modes: modes?.union([.native]))
  }
}

// MARK: Fields

extension SuiteReader {
  private func error(_ node: Node, _ expected: String, _ found: String) -> SuiteError {
    SuiteError(path: path, line: node.mark?.line, expected: expected, found: found)
  }

  private func text(_ node: Node) -> String { node.string ?? "something that is no plain value" }

  private func mapping(_ node: Node, _ expected: String) throws(SuiteError) -> Node.Mapping {
    guard let mapping = node.mapping else { throw error(node, expected, text(node)) }
    return mapping
  }

  private func string(_ node: Node?, _ parent: Node, _ name: String) throws(SuiteError) -> String {
    guard let node else { throw error(parent, "a \(name)", "none") }
    guard let value = node.string, !value.isEmpty else { throw error(node, "a \(name)", text(node)) }
    return value
  }

  private func integer(_ node: Node?, _ range: ClosedRange<Int>, _ other: Int) throws(SuiteError) -> Int {
    guard let node else { return other }
    guard let value = node.int, range.contains(value) else {
      throw error(node, "a whole number from \(range.lowerBound) to \(range.upperBound)", text(node))
    }
    return value
  }

  private func level(_ node: Node?) throws(SuiteError) -> Double {
    guard let node else { return 0.95 }
    guard let value = node.float, value >= 0.5, value < 1 else {
      throw error(node, "a level from 0.5 to below 1", text(node))
    }
    return value
  }

  private func quantity(
    _ node: Node?, _ range: ClosedRange<UInt64>, _ other: String
  ) throws(SuiteError) -> UInt64 {
    let value = node.map(text) ?? other
    if let number = Quantity.parse(value), range.contains(number) { return number }
    guard let node else { preconditionFailure("\(other) lies in its range") }
    throw error(node, "a quantity such as \(other), from \(range.lowerBound) to \(range.upperBound)", value)
  }

  private func size(_ node: Node?, _ other: String) throws(SuiteError) -> UInt64 {
    let bytes = try quantity(node, (64 << 20)...(1 << 40), other)
    guard bytes % (2 << 20) == 0 else { throw error(node!, "a multiple of 2MiB", text(node!)) }
    return bytes
  }

  private func machines(_ node: Node) throws(SuiteError) -> Set<Results.Machine> {
    guard let list = node.sequence, !list.isEmpty else { throw error(node, "a list of machines", text(node)) }
    var machines: Set<Results.Machine> = []
    for item in list {
      guard let machine = Results.Machine(rawValue: text(item)) else {
        throw error(item, "native, nearmetal or qemu", text(item))
      }
      machines.insert(machine)
    }
    return machines
  }

  private func modes(_ node: Node) throws(SuiteError) -> Set<Mode> {
    guard let list = node.sequence, !list.isEmpty else { throw error(node, "a list of modes", text(node)) }
    var modes: Set<Mode> = []
    for item in list {
      guard let mode = Mode(rawValue: text(item)) else {
        throw error(item, Mode.allCases.map(\.rawValue).joined(separator: ", "), text(item))
      }
      modes.insert(mode)
    }
    return modes
  }

  private static func line(of error: YamlError) -> Int? {
    switch error {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
    default: nil
    }
  }

  private static func oneLine(_ error: YamlError) -> String {
    switch error {
    case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _): problem
    default: "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
    }
  }
}
