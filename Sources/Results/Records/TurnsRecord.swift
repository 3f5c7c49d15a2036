/// The windows of a leg that took turns, one a round: what ratios are taken from, round by round.
public struct TurnsRecord: Sendable, Equatable {
  /// The windows of one turn in each round. All three have a number for each round.
  public struct Windows: Sendable, Equatable {
    /// Operations done inside each window.
    public var operations: [UInt64]
    /// How long each window was.
    public var nanoseconds: [UInt64]
    /// Median time of one sample in each window, in picoseconds; 0 where none was timed.
    public var median: [UInt64]

    public init(operations: [UInt64] = [], nanoseconds: [UInt64] = [], median: [UInt64] = []) {
      self.operations = operations
      self.nanoseconds = nanoseconds
      self.median = median
    }

    public var count: Int { operations.count }
  }

  /// Nanoseconds that a window was planned to last, and of the work before it that does not count.
  public var length: UInt64
  public var rewarm: UInt64
  public var windows: Windows
  /// A native leg has a second turn in each round: compared with the first it says what the method itself makes of equal sides.
  public var twin: Windows?
  /// Rounds, from 0, in which something from outside held up one of the legs. They count for none of them.
  public var disturbed: [Int]
  /// Which leg had the turn before each of a native leg's; nil for other legs, and in results of versions that did not keep it.
  public var predecessors: Predecessors?
  /// How far apart the two CPUs were; nil for a leg whose work stays on one of them, on a host with one CPU, and in results of
  /// versions that did not measure it.
  public var handOffs: HandOffs?

  /// What it took at some times to hand a cache line from the workload's CPU to the I/O thread's and back.
  public struct HandOffs: Sendable, Equatable {
    /// Before which round each was measured, from 0, ascending; the number of rounds for one behind the last.
    public var rounds: [UInt64]
    /// As many.
    public var nanoseconds: [UInt64]

    public init(rounds: [UInt64], nanoseconds: [UInt64]) {
      self.rounds = rounds
      self.nanoseconds = nanoseconds
    }
  }

  /// Who came before each turn.
  public struct Predecessors: Sendable, Equatable {
    /// Machines and modes, each once: `native`, `nearmetal polled`.
    public var legs: [String]
    /// For the first and the second turn of each round an index of ``legs``; as many as there are for no leg.
    public var first: [UInt64]
    public var second: [UInt64]

    public init(legs: [String], first: [UInt64], second: [UInt64]) {
      self.legs = legs
      self.first = first
      self.second = second
    }

    /// - Parameter rounds: of each, the leg before each of the two turns.
    public init(_ rounds: [[String?]]) {
      let names = Set(rounds.flatMap { $0.compactMap(\.self) }).sorted()
      func index(_ round: [String?], _ turn: Int) -> UInt64 {
        let name = turn < round.count ? round[turn] : nil
        return UInt64(name.flatMap(names.firstIndex) ?? names.count)
      }
      self.init(legs: names, first: rounds.map { index($0, 0) }, second: rounds.map { index($0, 1) })
    }
  }

  public init(length: UInt64, rewarm: UInt64, windows: Windows, twin: Windows? = nil, disturbed: [Int] = []) {
    self.length = length
    self.rewarm = rewarm
    self.windows = windows
    self.twin = twin
    self.disturbed = disturbed
  }
}

extension TurnsRecord: Codable {
  private enum Field: String, CodingKey { case length, rewarm, windows, twin, disturbed, predecessors, handOffs }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    length = try fields.value(.length)
    rewarm = try fields.value(.rewarm)
    windows = try fields.value(.windows)
    twin = try fields.optional(.twin)
    disturbed = try fields.value(.disturbed)
    predecessors = try fields.optional(.predecessors)
    handOffs = try fields.optional(.handOffs)
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(length, forKey: .length)
    try fields.encode(rewarm, forKey: .rewarm)
    try fields.encode(windows, forKey: .windows)
    try fields.encodeIfPresent(twin, forKey: .twin)
    try fields.encode(disturbed, forKey: .disturbed)
    try fields.encodeIfPresent(predecessors, forKey: .predecessors)
    try fields.encodeIfPresent(handOffs, forKey: .handOffs)
  }
}

// Each list is one text of numbers between spaces: a line of a result, not one for every round.
extension TurnsRecord.Windows: Codable {
  private enum Field: String, CodingKey { case operations, nanoseconds, median }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    self.init(
      operations: try fields.numbers(.operations), nanoseconds: try fields.numbers(.nanoseconds),
      median: try fields.numbers(.median))
    guard nanoseconds.count == count, median.count == count else {
      throw DecodingError.dataCorruptedError(
        forKey: .median, in: fields, debugDescription: "expected as many numbers as there are operations")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(numbers: operations, forKey: .operations)
    try fields.encode(numbers: nanoseconds, forKey: .nanoseconds)
    try fields.encode(numbers: median, forKey: .median)
  }
}

extension TurnsRecord.Predecessors: Codable {
  private enum Field: String, CodingKey { case legs, first, second }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    self.init(
      legs: try fields.value(.legs), first: try fields.numbers(.first), second: try fields.numbers(.second))
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(legs, forKey: .legs)
    try fields.encode(numbers: first, forKey: .first)
    try fields.encode(numbers: second, forKey: .second)
  }
}

extension TurnsRecord.HandOffs: Codable {
  private enum Field: String, CodingKey { case rounds, nanoseconds }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Field.self)
    self.init(rounds: try fields.numbers(.rounds), nanoseconds: try fields.numbers(.nanoseconds))
    guard rounds.count == nanoseconds.count, zip(rounds, rounds.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .rounds, in: fields, debugDescription: "expected ascending rounds, with a time for each")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encode(numbers: rounds, forKey: .rounds)
    try fields.encode(numbers: nanoseconds, forKey: .nanoseconds)
  }
}

extension KeyedDecodingContainer {
  fileprivate func numbers(_ field: Key) throws -> [UInt64] {
    let text: String = try value(field)
    return try text.split(separator: " ").map { word in
      guard let number = UInt64(word) else {
        throw DecodingError.dataCorruptedError(
          forKey: field, in: self,
          debugDescription: "expected whole numbers between spaces, found \(word.prefix(20))")
      }
      return number
    }
  }
}

extension KeyedEncodingContainer {
  fileprivate mutating func encode(numbers: [UInt64], forKey field: Key) throws {
    try encode(numbers.map(String.init).joined(separator: " "), forKey: field)
  }
}

extension TurnsRecord {
  /// Undisturbed rounds that a block's ratio needs; with fewer, all of them count.
  public static let leastRounds = 5

  /// The rounds that count.
  /// - Parameters:
  ///   - elsewhere: rounds that never do.
  ///   - disturbed: rounds that do not, as long as enough others are left.
  static func counting(of rounds: Int, elsewhere: Set<Int> = [], disturbed: [Int]) -> [Int] {
    let there = Set(0..<rounds).subtracting(elsewhere)
    let left = there.subtracting(disturbed)
    return (left.count >= leastRounds ? left : there).sorted()
  }

  /// Makes the second of two turns a round the one that counts.
  public mutating func swapTwins() {
    guard let twin else { return }
    (windows, self.twin) = (twin, windows)
    if let known = predecessors {
      predecessors = Predecessors(legs: known.legs, first: known.second, second: known.first)
    }
  }

  /// What a metric is made of in each window.
  public enum Figure: Sendable {
    /// Operations a time.
    case rate
    /// A time over operations.
    case time
    /// The median time of a sample.
    case median

    /// Nil for a metric that only the whole leg has.
    public init?(metric: String, of workload: Workload) {
      switch metric {
      case "throughput", "bandwidth", "iops", "frames": self = .rate
      case "time.p50", "latency", "latency.p50": self = .median
      // The median of what leaving takes; beside it nothing that happens in a window is an operation's.
      case "cost" where workload.id.hasPrefix("exits."): self = .median
      // Of requests in flight at the same time each has a latency; work in memory is one operation after the other.
      case "latency.mean" where workload.id.hasPrefix("memory."): self = .time
      default: return nil
      }
    }
  }
}
