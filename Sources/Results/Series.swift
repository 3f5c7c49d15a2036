/// One metric of one workload on one machine in one mode, over the blocks.
public struct Series: Sendable {
  /// What is measured, wherever it is measured. The unit and the direction belong to it: figures that differ in them are
  /// never compared.
  public struct Subject: Hashable, Sendable {
    public let workload: String
    public let parameters: [String: String]
    public let metric: String
    public let unit: String
    public let direction: Direction
  }

  public struct Key: Hashable, Sendable {
    public let subject: Subject
    public let machine: Machine
    public let mode: Mode

    public init(subject: Subject, machine: Machine, mode: Mode) {
      self.subject = subject
      self.machine = machine
      self.mode = mode
    }
  }

  /// One leg's contribution.
  public struct Point: Sendable {
    public let value: Double
    public let isDisturbed: Bool
    public let totalCPUSeconds: Double?
  }

  public let key: Key
  /// By block.
  public internal(set) var points: [Int: Point] = [:]

  /// The series of all legs that are ok, in an order that does not depend on the order in which the legs ran.
  public static func all(in legs: [LegRecord]) -> [Series] {
    var found: [Key: Series] = [:]
    for leg in legs where leg.status == .ok {
      for metric in leg.metrics where metric.value.isFinite {
        let subject = Subject(
          workload: leg.workload, parameters: leg.parameters, metric: metric.name, unit: metric.unit,
          direction: metric.direction)
        let key = Key(subject: subject, machine: leg.machine, mode: leg.mode)
        found[key, default: Series(key: key)].points[leg.block] = Point(
          value: metric.value, isDisturbed: !leg.validity.isEmpty, totalCPUSeconds: leg.cpuSeconds.total)
      }
    }
    return found.values.sorted { $0.key.precedes($1.key) }
  }
}

extension Series.Key {
  func precedes(_ other: Series.Key) -> Bool {
    let left = sortText
    let right = other.sortText
    for (one, two) in zip(left, right) where one != two { return one < two }
    return left.count < right.count
  }

  /// Compared element by element.
  private var sortText: [String] {
    let machineRank = Machine.allCases.firstIndex(of: machine) ?? 0
    let modeRank = Mode.allCases.firstIndex(of: mode) ?? 0
    return [
      subject.workload, WorkloadName.text(subject.parameters), subject.metric, String(machineRank), String(modeRank),
      subject.unit, subject.direction.rawValue,
    ]
  }
}
