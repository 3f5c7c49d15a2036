import ArgumentParser
import Bills
import Foundation
import LinuxSystem
import Results
import Runner
import Topology
import Verdicts

/// `nearmetal baseline`.
struct BaselineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "baseline", abstract: "Keeps runs to hold later ones against, by host.",
    discussion: "Example: nearmetal baseline record main out",
    subcommands: [Record.self, List.self, Show.self, Delete.self, Check.self])

  struct Store: ParsableArguments {
    @Option(help: "Where the baselines are.")
    var directory = "Baselines"

    var store: BaselineStore { BaselineStore(directory: directory) }

    /// Runs what may fail for want of a baseline.
    func attempt<Value>(_ body: (BaselineStore) throws(BaselineError) -> Value) throws -> Value {
      do throws(BaselineError) { return try body(store) } catch {
        if case .missing = error { throw end(Status.notComparable, error.description) }
        throw end(error)
      }
    }
  }

  struct Host: ParsableArguments {
    @Option(
      help:
        "Fingerprint of the baseline's host, emulated-svm or emulated-vmx for a bill's; this one's if it is not given.")
    var host: String?

    var fingerprint: String { host ?? HostDescription().inventory.fingerprint }
  }

  struct Record: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "record",
      abstract: "Keeps a run's result as a baseline of its host, or a bill as one of its emulated host.",
      discussion: """
        Examples:
          nearmetal baseline record main out --note 'before the 6.13 kernel'
          nearmetal baseline record debian-12 b61
        """)
    @Argument(help: "A name: letters, digits, '.', '_' and '-'.")
    var name: String
    @Argument(help: "The run's directory, or a bill's.")
    var path: String
    @Option(help: "What is to be remembered about it.")
    var note = ""
    @Flag(help: "Replace a baseline of this name.")
    var replace = false
    @OptionGroup var options: Store

    func run() throws {
      let recordedAt = Date().formatted(.iso8601)
      if let bill = try BaselineCommand.bill(path) {
        guard let bytes = try? BillStore.encode(bill) else {
          preconditionFailure("a bill that was read can be written")
        }
        let baseline = try options.attempt { (store) throws(BaselineError) in
          try store.record(
            bill.result, as: BillStore.fileName, bytes, name: name, note: note, recordedAt: recordedAt,
            replacing: replace)
        }
        return printLine("recorded \(baseline.name) of \(baseline.fingerprint): a bill of \(bill.host.summary)")
      }
      let result = try BaselineCommand.read(path)
      let baseline = try options.attempt { (store) throws(BaselineError) in
        try store.record(result, name: name, note: note, recordedAt: recordedAt, replacing: replace)
      }
      printLine(
        "recorded \(baseline.name) of host \(baseline.fingerprint): \(baseline.blocks) blocks of \(baseline.suite)")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Every baseline of every host.", discussion: "Example: nearmetal baseline list")
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup var options: Store

    func run() throws {
      let baselines = try options.attempt { (store) throws(BaselineError) in try store.list() }
      switch format {
      case .json: try printJSON(baselines)
      case .text:
        for baseline in baselines {
          let note = baseline.note.isEmpty ? "" : ": \(baseline.note)"
          printLine(
            "\(baseline.fingerprint) \(baseline.name) \(baseline.startedAt) \(baseline.suite), \(baseline.blocks) blocks\(note)"
          )
        }
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show",
      abstract: "How a baseline was made.", discussion: "Example: nearmetal baseline show main")
    @Argument(help: "The baseline's name.")
    var name: String
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup var host: Host
    @OptionGroup var options: Store

    func run() throws {
      let fingerprint = host.fingerprint
      let baseline = try options.attempt { (store) throws(BaselineError) in
        try store.find(name, fingerprint: fingerprint)
      }
      switch format {
      case .json: try printJSON(baseline)
      case .text:
        printLine("name: \(baseline.name)\nhost: \(baseline.fingerprint)\nrecorded: \(baseline.recordedAt)")
        if !baseline.note.isEmpty { printLine("note: \(baseline.note)") }
        printLine(
          "run: \(baseline.run), begun \(baseline.startedAt)\nsuite: \(baseline.suite), \(baseline.blocks) blocks")
        printLine("tool: \(baseline.tool.version), revision \(baseline.tool.revision), Swift \(baseline.tool.swift)")
        printLine("command: \(baseline.command.joined(separator: " "))")
      }
    }
  }

  struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "delete",
      abstract: "Removes a baseline.", discussion: "Example: nearmetal baseline delete main")
    @Argument(help: "The baseline's name.")
    var name: String
    @OptionGroup var host: Host
    @OptionGroup var options: Store

    func run() throws {
      let fingerprint = host.fingerprint
      try options.attempt { (store) throws(BaselineError) in
        let folder = try store.path(name, fingerprint: fingerprint)
        let isBill = AtomicFile.exists("\(folder)/\(BillStore.fileName)")
        try store.delete(
          name, fingerprint: fingerprint, fileName: isBill ? BillStore.fileName : ResultStore.fileName)
      }
      printLine("deleted \(name) of host \(fingerprint)")
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "check",
      abstract: "Whether a baseline can be compared with this host, or with a run.",
      discussion: "Example: nearmetal baseline check main\n\nExit status 5 where it is missing or not comparable.")
    @Argument(help: "The baseline's name, or the path of a result.")
    var name: String
    @Argument(help: "A run's directory instead of this host.")
    var path: String?
    @Option(help: "text or json.")
    var format = OutputFormat.text
    @OptionGroup var options: Store

    func run() throws {
      let head = try path.map { try BaselineCommand.read($0).host } ?? HostDescription().record
      let base = try BaselineCommand.base(name, for: head, options)
      let comparison = HostComparison(base: base.host, head: head, identity: Fingerprint.identity)
      switch format {
      case .json: try printJSON(comparison)
      case .text:
        printLine(comparison.isComparable ? "comparable" : "not comparable")
        for difference in comparison.differences {
          let mark = difference.isIdentity ? "! " : "  "
          printLine("\(mark)\(difference.text)")
        }
      }
      guard comparison.isComparable else {
        throw end(Status.notComparable, "\(name) is not comparable: \(comparison.obstacle)")
      }
    }
  }

  /// Whether a path means a bill, or the directory of one.
  static func isBill(_ path: String) -> Bool {
    path.hasSuffix("/\(BillStore.fileName)") || AtomicFile.exists("\(path)/\(BillStore.fileName)")
  }

  /// The bill in a directory; nil where it holds none.
  static func bill(_ path: String) throws -> Bill? {
    guard isBill(path) else { return nil }
    do throws(DocumentReadError) { return try BillStore.read(path) } catch { throw end(error) }
  }

  /// The directory that a path or the name of a bill's baseline means.
  /// - Parameter head: the bill that it is to be held against.
  static func billPath(_ text: String, for head: String, _ options: Store) throws -> String {
    if text.contains("/") || AtomicFile.exists(text) { return text }
    let bill: Bill
    do throws(DocumentReadError) { bill = try BillStore.read(head) } catch { throw end(error) }
    return try options.attempt { (store) throws(BaselineError) in
      try store.path(text, fingerprint: bill.hostName)
    }
  }

  static func read(_ path: String) throws -> RunResult {
    do throws(DocumentReadError) { return try ResultStore.read(path) } catch {
      throw end(error)
    }
  }

  /// The result that a path or a baseline's name means. A baseline of another host is read too where it is the only one of
  /// its name, so that what differs can be said.
  static func base(_ text: String, for head: HostRecord, _ options: Store) throws -> RunResult {
    if text.contains("/") || AtomicFile.exists(text) { return try read(text) }
    return try options.attempt { (store) throws(BaselineError) in
      do throws(BaselineError) { return try store.result(text, fingerprint: head.fingerprint) } catch {
        guard case .missing(_, _, _, let others) = error, others.count == 1 else { throw error }
        return try store.result(text, fingerprint: others[0])
      }
    }
  }
}
