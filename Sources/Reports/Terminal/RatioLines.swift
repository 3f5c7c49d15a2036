import Results

/// Ratios on a terminal: a line for each workload and mode, its bar on one logarithmic scale for all.
struct RatioLines {
  private let groups: [(title: String, ratios: [ComparisonRecord])]
  private let cpuTimes: (ComparisonRecord) -> Double?

  /// - Parameters:
  ///   - ratios: of one metric of each workload, those of a workload together.
  ///   - cpuTimes: how many times the CPU time of an operation of bare metal a ratio is paid with; nil where that is not known.
  init(_ ratios: [ComparisonRecord], cpuTimes: @escaping (ComparisonRecord) -> Double? = { _ in nil }) {
    self.cpuTimes = cpuTimes
    var groups: [(title: String, ratios: [ComparisonRecord])] = []
    for ratio in ratios {
      let title = "\(ratio.workload) \(ratio.metric)"
      if groups.last?.title == title {
        groups[groups.count - 1].ratios.append(ratio)
      } else {
        groups.append((title, [ratio]))
      }
    }
    self.groups = groups
  }

  /// The columns' widths, together less than the least terminal's.
  private static let barWidth = 12
  private static let leastTitle = 12
  private static let timeWidth = 7
  private static let figuresTitle = "ratio [interval]"

  /// - Parameters:
  ///   - title: what is 1.0.
  ///   - columns: of the terminal; nil for lines as long as they are.
  func screen(_ title: String, columns: Int?) -> Screen {
    let all = groups.flatMap(\.ratios)
    let scale = RatioScale(all.map(\.ratio), width: Self.barWidth)
    let figures = max(Self.figuresTitle.count, all.map { Self.figures($0).count }.max() ?? 0)
    let times = all.map { cpuTimes($0) }
    let time = times.allSatisfy { $0 == nil } ? 0 : Self.timeWidth
    let mode = (all.map(\.path.short.count).max() ?? 0) + 1
    let wanted = max(title.count, groups.map(\.title.count).max() ?? 0)
    let room = columns.map { max(Self.leastTitle, $0 - mode - figures - time - Self.barWidth - 2) } ?? wanted
    let name = min(wanted, room)
    var screen = Screen()
    screen.line(
      Screen.Span(title, .strong, width: name + 1 + mode), Screen.Span(Self.figuresTitle, .faint, width: figures),
      Screen.Span(time > 0 ? "  CPU" : "", .faint, width: time),
      Screen.Span(" "), Screen.Span(scale.legend, .faint))
    for group in groups {
      for (index, ratio) in group.ratios.enumerated() {
        screen.line(
          Screen.Span(index == 0 ? group.title : "", width: name), Screen.Span(" "),
          Screen.Span(ratio.path.short, width: mode),
          Screen.Span(Self.figures(ratio), width: figures),
          Screen.Span(cpuTimes(ratio).map { " ×\(Figure.short($0))" } ?? "", .faint, width: time),
          Screen.Span(Self.mark(ratio).rawValue, .doubtful, width: 1), Screen.Span(scale.bar(ratio.ratio)))
      }
    }
    let marks = Mark.allCases.filter { mark in !mark.meaning.isEmpty && all.contains { Self.mark($0) == mark } }
    let legend =
      marks.map { "\($0.rawValue) \($0.meaning)" }
      + (time > 0 ? ["CPU: processor time of an operation over bare metal's"] : [])
    if !legend.isEmpty { screen.line(legend.joined(separator: "; "), .faint) }
    return screen
  }

  private static func figures(_ ratio: ComparisonRecord) -> String {
    Figure.ratio(ratio.ratio, low: ratio.low, high: ratio.high)
  }

  /// What a reader must know of a ratio.
  private enum Mark: String, CaseIterable {
    case fast = "!"
    case few = "?"
    case disturbed = "~"
    case none = " "

    var meaning: String {
      switch self {
      case .fast: "better by more than noise, so not equal work"
      case .few: "too few blocks"
      case .disturbed: "disturbed or uneven"
      case .none: ""
      }
    }
  }

  private static func mark(_ ratio: ComparisonRecord) -> Mark {
    if ratio.flags.contains(.superNative) { return .fast }
    if ratio.flags.contains(where: { [.fewBlocks, .singleBlock].contains($0) }) { return .few }
    return ratio.flags.isEmpty ? .none : .disturbed
  }
}
