import Results

/// How many work on a disk at once: queue i is driven by vCPU i modulo their number and served by I/O thread i modulo theirs.
public struct Concurrency: Hashable, Sendable {
  /// 1 to 64.
  public var queues: Int
  /// 1 to 16, and no more than queues; natively the threads that do the work.
  public var vcpus: Int
  /// 1 to 16, and no more than queues.
  public var ioThreads: Int

  /// What holds for work that says nothing of it.
  public static let single = Concurrency(queues: 1, vcpus: 1, ioThreads: 1)

  static let queues = "queues"
  static let vcpus = "vcpus"
  static let ioThreads = "iothreads"
  static let names = [queues, vcpus, ioThreads]

  init(queues: Int, vcpus: Int, ioThreads: Int) {
    (self.queues, self.vcpus, self.ioThreads) = (queues, vcpus, ioThreads)
  }

  init(_ workload: Workload) { self.init(workload.parameters) }

  private init(_ parameters: [String: ParameterValue]) {
    func number(_ name: String) -> Int { parameters[name]?.quantity.map { Int(clamping: $0) } ?? 1 }
    self.init(queues: number(Self.queues), vcpus: number(Self.vcpus), ioThreads: number(Self.ioThreads))
  }

  /// What is wrong with parameters each of which is allowed; nil where nothing is.
  static func problem(with parameters: [String: ParameterValue]) -> String? {
    let wanted = Concurrency(parameters)
    let most = max(wanted.vcpus, wanted.ioThreads)
    if wanted.queues < most {
      return "a queue for each vCPU and each I/O thread: queues of at least \(most)"
    }
    let share = (wanted.queues - 1) / wanted.vcpus + 1
    let depth = parameters["qd"]?.quantity ?? 1
    if depth > 1024 / UInt64(share) {
      return "at most 1024 requests in flight in the \(share) queues of a vCPU: qd of at most \(1024 / share)"
    }
    if most > 1, let format = parameters["format"], format.text != DiskSpecification.Format.raw.rawValue {
      return "the format raw beside several vCPUs or I/O threads: an image's tables are one thread's"
    }
    return nil
  }
}
