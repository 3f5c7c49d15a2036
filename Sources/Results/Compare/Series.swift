/// One metric of one workload on one machine in one mode, over the blocks.
public struct Series: Sendable {
  /// What is measured, wherever it is measured. The unit and the direction belong to it: figures that differ in them are
  /// never compared.
  public struct Subject: Hashable, Sendable {
    public let workload: Workload
    public let metric: String
    public let unit: String
    public let direction: Direction

    public init(workload: Workload, metric: String, unit: String, direction: Direction) {
      self.workload = workload
      self.metric = metric
      self.unit = unit
      self.direction = direction
    }
  }

  public struct Key: Hashable, Sendable {
    public let subject: Subject
    public let path: Path

    public init(_ subject: Subject, _ path: Path) {
      self.subject = subject
      self.path = path
    }
  }

  /// One leg's contribution.
  public struct Point: Sendable {
    public let value: Double
    public let isDisturbed: Bool
    public let totalCPUSeconds: Double?
    /// The windows of a leg that took turns.
    public let turns: TurnsRecord?
    /// Operations in a timed sample: legs of the same work may batch differently.
    let operationsPerSample: Int
    /// Rounds in which the two CPUs were not at the run's usual distance.
    fileprivate(set) var elsewhere: Set<Int> = []

    /// Whether so few rounds are left at the usual distance that the leg is of another one.
    /// - Parameter other: a leg of the same rounds, whose distances count too.
    func isElsewhere(with other: Point? = nil) -> Bool {
      let elsewhere = elsewhere.union(other?.elsewhere ?? [])
      guard !elsewhere.isEmpty else { return false }
      let rounds = min(turns?.windows.count ?? 0, other?.turns?.windows.count ?? .max)
      return rounds - elsewhere.count < max(TurnsRecord.leastRounds, rounds / Self.leastPart)
    }

    /// One part in so many of a leg's rounds must be left for its figure to count like others. Five rounds of sixty in which a disk
    /// paused gave 0.22 beside five blocks about 1.03, and an interval from 0.41 to 1.55.
    private static let leastPart = 4

    /// The same, whatever the distance was.
    var anywhere: Point {
      var point = self
      point.elsewhere = []
      return point
    }
  }

  public let key: Key
  /// By block.
  public internal(set) var points: [Int: Point] = [:]

  /// The same, wherever the two CPUs were: what sides that took turns with each other are compared by, since in a round both of
  /// them crossed the same distance.
  public var anywhere: Series {
    var series = self
    series.points = points.mapValues(\.anywhere)
    return series
  }

  /// The blocks in which the two CPUs were at the run's usual distance.
  public var usual: [Int: Point] { points.filter { !$0.value.isElsewhere() } }

  /// The series of all legs that are ok, in an order that does not depend on the order in which the legs ran.
  public static func all(in legs: [LegRecord]) -> [Series] {
    let distance = CPUDistance(legs)
    var found: [Key: Series] = [:]
    for leg in LegRecord.deciding(legs) where leg.status == .ok {
      for metric in leg.metrics where metric.value.isFinite {
        let subject = Subject(
          workload: leg.workload, metric: metric.name, unit: metric.unit,
          direction: metric.direction)
        let key = Key(subject, leg.path)
        found[key, default: Series(key: key)].points[leg.block] = Point(
          value: metric.value, isDisturbed: !leg.validity.isEmpty, totalCPUSeconds: leg.cpuSeconds.total,
          turns: leg.turns,
          operationsPerSample: max(1, leg.metrics.lazy.compactMap(\.histogram).first?.operationsPerSample ?? 1),
          elsewhere: leg.turns.flatMap { distance?.elsewhere($0) } ?? [])
      }
    }
    // A mode that was never measured at the usual distance is not told apart from itself.
    for (key, series) in found where series.points.values.allSatisfy({ $0.isElsewhere() }) {
      found[key] = series.anywhere
    }
    return found.values.sorted { $0.key.precedes($1.key) }
  }

  /// The workloads that lack blocks because the two CPUs were not at their usual distance in some.
  /// - Parameters:
  ///   - legs: of one run, in any order.
  ///   - blocks: how many are needed.
  public static func movedWorkloads(in legs: [LegRecord], blocks: Int) -> Set<Workload> {
    Set(
      all(in: legs).filter { series in
        let elsewhere = series.points.values.count { $0.isElsewhere() }
        return elsewhere > 0 && series.points.count - elsewhere < blocks
      }.map(\.key.subject.workload))
  }
}

extension Series.Key {
  /// The same with other values of some parameters.
  public func with(_ parameters: [String: ParameterValue]) -> Series.Key {
    let other = Series.Subject(
      workload: subject.workload.with(parameters), metric: subject.metric, unit: subject.unit,
      direction: subject.direction)
    return Series.Key(other, path)
  }

  /// By workload, metric, path, and unit.
  func precedes(_ other: Series.Key) -> Bool {
    (sortText, path, subject.unit, subject.direction.rawValue)
      < (other.sortText, other.path, other.subject.unit, other.subject.direction.rawValue)
  }

  /// Compared element by element.
  private var sortText: String {
    [subject.workload.id, subject.workload.parameterText, subject.metric].joined(separator: "\u{0}")
  }
}
