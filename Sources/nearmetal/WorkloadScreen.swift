import Definitions
import Reports
import Results

/// The catalogue of workloads on a terminal.
enum WorkloadScreen {
  /// A line each, its parameters with their defaults below it where it has some.
  static func list(_ workloads: [WorkloadDefinition]) -> Screen {
    var screen = Screen()
    let width = (workloads.map(\.id.count).max() ?? 0) + 2
    for workload in workloads {
      screen.line(Screen.Span(workload.id, .strong, width: width), Screen.Span(workload.summary))
      let parameters = workload.parameters.map(Self.short).joined(separator: " ")
      if !parameters.isEmpty { screen.line(Screen.Span("", width: width), Screen.Span(parameters, .faint)) }
    }
    screen.gap()
    screen.line("One with all that it takes: \(Tool.command) list workloads \(workloads.first?.id ?? "")", .faint)
    return screen
  }

  /// `bs=4KiB`, `rate=?` where there is no default.
  private static func short(_ parameter: ParameterDefinition) -> String {
    "\(parameter.name)=\(parameter.standard ?? "?")"
  }

  /// All that one takes.
  static func whole(_ workload: WorkloadDefinition) -> Screen {
    var screen = Screen()
    screen.line(Screen.Span(workload.id, .strong), Screen.Span(": \(workload.summary)"))
    screen.line("measures \(measure(workload.kind))\(workload.writes ? "; writes to its disk" : "")")
    screen.paragraph("runs on \(workload.pathText)")
    if !workload.parameters.isEmpty {
      screen.gap()
      let name = (workload.parameters.map(\.name.count).max() ?? 0) + 2
      let standard = max(9, (workload.parameters.compactMap(\.standard?.count).max() ?? 0) + 2)
      screen.line(
        Screen.Span("parameter", .faint, width: max(11, name)), Screen.Span("default", .faint, width: standard),
        Screen.Span("values", .faint))
      for parameter in workload.parameters {
        screen.line(
          Screen.Span(parameter.name, .strong, width: max(11, name)),
          Screen.Span(parameter.standard ?? "none", width: standard),
          Screen.Span(parameter.values + (parameter.unit.map { " \($0)" } ?? "")))
        screen.line(Screen.Span("", width: max(11, name) + standard), Screen.Span(parameter.summary, .faint))
      }
    }
    screen.gap()
    screen.line("In a suite:", .faint)
    let values =
      workload.required.compactMap { $0.first.map { "\($0): ..." } }
      + workload.parameters.prefix(3).compactMap { parameter in
        parameter.standard.map { "\(parameter.name): \($0)" }
      }
    screen.line(
      values.isEmpty
        ? "  - \(workload.id)" : "  - {id: \(workload.id), parameters: {\(values.joined(separator: ", "))}}")
    return screen
  }

  private static func measure(_ kind: WorkloadDefinition.Kind) -> String {
    switch kind {
    case .compute: "operations a second, and the time of one"
    case .bandwidth: "bytes a second"
    case .latency: "nanoseconds an access, over batches"
    case .operations: "nanoseconds an operation, each timed alone"
    case .exits: "nanoseconds and cycles an exit; there is nothing native to hold it against"
    case .boot: "milliseconds from creating a machine to its records, and the memory it takes"
    case .block: "operations and bytes a second, and latencies"
    case .net: "frames and bytes a second, and latencies"
    case .linux: "what Linux takes to boot, what a command takes, or what fio, iperf3 or perf measures"
    }
  }
}
