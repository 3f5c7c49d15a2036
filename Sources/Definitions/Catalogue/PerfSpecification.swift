import Results

/// A benchmark of perf's (perf-bench(1)) with its amount of work, which is the same wherever it runs.
public struct PerfSpecification: Hashable, Sendable {
  public enum Benchmark: String, Sendable, CaseIterable {
    /// Processes in groups that send each other messages through sockets.
    case schedMessaging = "sched-messaging"
    /// Two processes that hand a word to and fro through pipes.
    case schedPipe = "sched-pipe"
    /// glibc's copy of a piece of memory.
    case copy = "mem-memcpy"
    /// glibc's filling of a piece of memory.
    case fill = "mem-memset"

    /// Whether it moves memory, and so gives a rate of bytes and not a time.
    public var movesMemory: Bool { self == .copy || self == .fill }

    /// How often it does its work unless a suite says so.
    var usualLoops: UInt64 {
      switch self {
      case .schedMessaging: 100
      case .schedPipe: 100_000
      case .copy, .fill: 20
      }
    }
  }

  public var benchmark: Benchmark
  /// How often it does its work: messages of each sender to each receiver, hand-overs there and back, copies.
  public var loops: UInt64
  /// Groups of 20 senders and 20 receivers.
  public var groups: UInt64
  /// Bytes that are copied or filled at a time.
  public var size: UInt64

  static let benchmark = "bench"
  static let loops = "loops"
  static let groups = "groups"
  static let size = "size"
  static let usualGroups: UInt64 = 10
  static let usualSize: UInt64 = 64 << 20
  private static let senders: UInt64 = 20

  /// - Parameter workload: `linux.perf`, with parameters that its definition allows.
  init(_ workload: Workload) {
    benchmark = workload[Self.benchmark].flatMap { Benchmark(rawValue: $0.text) } ?? .schedPipe
    loops = workload[Self.loops]?.quantity ?? benchmark.usualLoops
    groups = workload[Self.groups]?.quantity ?? Self.usualGroups
    size = workload[Self.size]?.quantity ?? Self.usualSize
  }

  /// Messages, or hand-overs there and back; nil for a benchmark that moves memory, beside whose few operations perf's own beginning
  /// would count.
  public var operations: UInt64? {
    switch benchmark {
    case .schedMessaging: groups * Self.senders * Self.senders * loops
    case .schedPipe: loops
    case .copy, .fill: nil
    }
  }

  /// What is wrong with parameters that are allowed each by itself; nil where nothing is.
  static func problem(with parameters: [String: ParameterValue]) -> String? {
    guard let benchmark = parameters[Self.benchmark].flatMap({ Benchmark(rawValue: $0.text) }) else { return nil }
    if parameters[groups] != nil, benchmark != .schedMessaging {
      return "\(groups) beside \(Benchmark.schedMessaging.rawValue) alone"
    }
    if parameters[size] != nil, !benchmark.movesMemory {
      return "\(size) beside benchmarks that move memory alone: \(Benchmark.copy.rawValue), \(Benchmark.fill.rawValue)"
    }
    return nil
  }
}
