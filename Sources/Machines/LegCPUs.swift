/// The CPUs of a leg.
public struct LegCPUs: Sendable, Equatable {
  /// Of the workload: native thread or vCPU.
  public let workload: Int
  /// Of I/O threads and of a second vCPU; nil on a host with one CPU.
  public let io: Int?
  /// Further ones for threads of legs that have several, those with a core of their own first.
  public let others: [Int]

  public init(workload: Int, io: Int?, others: [Int] = []) {
    self.workload = workload
    self.io = io
    self.others = others
  }

  var all: [Int] { [workload] + (io.map { [$0] } ?? []) + others }
}
