import Results

extension Path {
  /// `polled`, `qemu polled`: inside a report, where the tool's own machine goes without saying.
  var short: String { machine == .qemu ? "qemu \(mode.rawValue)" : mode.rawValue }

  var mark: Mark { Mark(self) }
}
