import Foundation
import Results

/// A workload's figure against the number of queues: of workloads that differ in nothing but how many work on the disk, a curve for every
/// path, with the mean over the blocks and a bar from the least block to the greatest.
struct QueuesPlot {
  struct Point {
    let queues: UInt64
    let low: Double
    let mean: Double
    let high: Double
  }

  struct Curve {
    let path: Path
    /// By queues, ascending; two or more.
    let points: [Point]
  }

  /// How vCPUs or I/O threads follow the queues.
  private enum Rule: Hashable {
    case asMany
    case fixed(UInt64)

    init(_ count: UInt64, of queues: UInt64) { self = count == queues ? .asMany : .fixed(count) }

    func allows(_ count: UInt64, of queues: UInt64) -> Bool {
      self == .asMany ? count == queues : self == .fixed(count)
    }

    func words(_ one: String) -> String {
      switch self {
      case .asMany: "one \(one) for each"
      case .fixed(1): "one \(one) for all"
      case .fixed(let count): "\(count) \(one)s"
      }
    }
  }

  private struct Shape: Hashable {
    let vcpus: Rule
    let ioThreads: Rule
  }

  /// The workload but for how many work on it, and how those follow each other.
  let title: String
  let shape: String
  let metric: MetricRecord
  let curves: [Curve]
  /// Reasons to doubt all legs of a point, each once.
  let doubts: [String]

  private static let (queues, vcpus, ioThreads) = ("queues", "vcpus", "iothreads")

  /// One plot for each workload of which there are several that differ so, and each way in which vCPUs and I/O threads follow.
  static func all(_ series: [WorkloadSeries]) -> [QueuesPlot] {
    let families = Dictionary(grouping: series) { series in
      Workload(series.workload.id, series.workload.parameters.filter { ![queues, vcpus, ioThreads].contains($0.key) })
    }
    return families.sorted { $0.key.description < $1.key.description }.flatMap { family, members in
      var known: [Shape] = []
      for (count, shape) in members.map({ shape($0) }) where count > 1 && !known.contains(shape) { known.append(shape) }
      return known.compactMap { QueuesPlot(family, members, $0) }
    }
  }

  private static func number(_ name: String, _ series: WorkloadSeries) -> UInt64 {
    series.workload.parameters[name]?.quantity ?? 1
  }

  private static func shape(_ series: WorkloadSeries) -> (queues: UInt64, shape: Shape) {
    let count = number(queues, series)
    return (
      count,
      Shape(
        vcpus: Rule(number(vcpus, series), of: count), ioThreads: Rule(number(ioThreads, series), of: count))
    )
  }

  /// Nil where no path has two points.
  private init?(_ family: Workload, _ members: [WorkloadSeries], _ shape: Shape) {
    let chosen = members.filter { series in
      let count = Self.number(Self.queues, series)
      return shape.vcpus.allows(Self.number(Self.vcpus, series), of: count)
        && shape.ioThreads.allows(Self.number(Self.ioThreads, series), of: count)
    }.sorted { Self.number(Self.queues, $0) < Self.number(Self.queues, $1) }
    guard let metric = chosen.lazy.compactMap(\.primary).first else { return nil }
    var doubts: [String] = []
    var points: [Path: [Point]] = [:]
    for series in chosen {
      for line in series.lines {
        let values = line.points(of: metric.name).map(\.value)
        guard let low = values.min(), let high = values.max() else { continue }
        points[line.path, default: []].append(
          Point(
            queues: Self.number(Self.queues, series), low: low, mean: values.reduce(0, +) / Double(values.count),
            high: high))
        let common = line.legs.dropFirst().reduce(line.legs.first?.validity ?? []) { reasons, leg in
          reasons.filter(leg.validity.contains)
        }
        for doubt in common where !doubts.contains(doubt) { doubts.append(doubt) }
      }
    }
    curves = points.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map {
      Curve(path: $0.key, points: $0.value)
    }
    if curves.isEmpty { return nil }
    title = family.description
    self.shape = "\(shape.vcpus.words("vCPU")), \(shape.ioThreads.words("I/O thread"))"
    self.metric = metric
    self.doubts = doubts
  }

  /// Numbers of queues that there are points for.
  var counts: [UInt64] { Set(curves.flatMap { $0.points.map(\.queues) }).sorted() }

  private static let (width, height) = (380.0, 240.0)
  private static let (left, right, top, bottom) = (58.0, 368.0, 14.0, 196.0)

  func svg(id: String) -> String {
    var svg = SVG(width: Self.width, height: Self.height)
    let counts = counts
    let scale = LinearAxis(
      covering: [0] + curves.flatMap { $0.points.map(\.high) }, from: Self.bottom, to: Self.top)
    let (first, last) = (log2(Double(counts.first ?? 1)), log2(Double(counts.last ?? 2)))
    func x(_ queues: UInt64) -> Double {
      Self.left + 10 + (log2(Double(queues)) - first) / max(last - first, 1e-9) * (Self.right - Self.left - 20)
    }
    for tick in scale.ticks {
      svg.line(Self.left, scale.place(tick), Self.right, scale.place(tick), "grid")
      svg.text(Figure.short(tick), Self.left - 5, scale.place(tick) + 4, "end")
    }
    for count in counts {
      svg.line(x(count), Self.top, x(count), Self.bottom, "grid")
      svg.text("\(count)", x(count), Self.bottom + 15, "middle")
    }
    svg.text("queues", (Self.left + Self.right) / 2, Self.height - 8, "middle soft")
    for curve in curves {
      let style = "curve p-\(curve.path.mode.rawValue)\(curve.path.machine == .qemu ? " peer" : "")"
      svg.polyline(curve.points.map { (x($0.queues), scale.place($0.mean)) }, style)
      for point in curve.points {
        svg.line(x(point.queues), scale.place(point.low), x(point.queues), scale.place(point.high), "interval")
        svg.mark(
          curve.path.mark, x(point.queues), scale.place(point.mean),
          title: "\(curve.path.description), queues \(point.queues): \(Figure.value(point.mean)) \(metric.unit)")
      }
    }
    return svg.element(
      id: id, title: "\(title): \(metric.name) by queues",
      description:
        "One curve for each of \(curves.map(\.path.description).joined(separator: ", ")); bars from the least to the greatest "
        + "block. The table beside it holds the figures.")
  }
}

extension PlotView {
  init(_ plot: QueuesPlot, id: String) {
    let counts = plot.counts
    let rows = plot.curves.map { curve in
      PlotRow(
        swatch: curve.path.mark.swatch, name: curve.path.short,
        cells: counts.map { count in
          curve.points.first { $0.queues == count }.map { Figure.value($0.mean) } ?? "–"
        })
    }
    self.init(
      caption: "\(plot.title): \(plot.metric.name) in \(plot.metric.unit) by queues, \(plot.shape)",
      svg: plot.svg(id: id), head: ["mode"] + counts.map { $0 == 1 ? "1 queue" : "\($0) queues" }, rows: rows,
      notes: plot.doubts)
  }
}
