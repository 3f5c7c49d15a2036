import ArgumentParser
import Runner

/// `nearmetal list events`.
struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "What can be counted on this host by name, and why not where it cannot.",
    discussion: """
      Examples:
        nearmetal list events kvm_pio
        nearmetal list events 'tlb*walk' --format json

      A tracepoint can be narrowed to a range of a field: kvm:kvm_pio{port=0x3f8-0x3ff}.
      """)

  @Argument(
    help: "A part of the name, in any case; * stands for anything. sched: lists another subsystem's tracepoints.")
  var pattern: String?
  @Option(help: "text or json.")
  var format = OutputFormat.text

  func run() throws {
    let catalog = EventCatalog(matching: pattern)
    for problem in catalog.problems { say(problem) }
    switch format {
    case .json: try printJSON(catalog.entries)
    case .text:
      for entry in catalog.entries {
        let state = entry.reason.map { "not available: \($0)" } ?? "available"
        printLine("\(entry.name): \(entry.source.rawValue), \(state). \(entry.description)")
      }
    }
  }
}
