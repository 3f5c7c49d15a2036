import Definitions
import Network

/// What a shell does as a job: the same line on the host and in a guest, but for the places of its files.
struct LinuxScript {
  /// Where a job's files are.
  struct Places {
    /// The tool; its name where the shell looks for it.
    let program: String
    /// fio's jobs.
    let jobs: String
    /// What the tool measured.
    let results: String
  }

  /// Statuses by which a guest's shell says that a tool cannot begin.
  enum Lack: Int {
    /// The shell's own.
    case program = 127
    case interface = 69
  }

  let job: LinuxSpecification.Job
  private let isReadOnly: Bool
  /// That iperf3 measures.
  private let seconds: UInt64

  /// - Parameters:
  ///   - isReadOnly: whether the disk must not be written.
  ///   - window: nanoseconds that the leg measures, about.
  init(_ job: LinuxSpecification.Job, isReadOnly: Bool = false, window: UInt64 = 0) {
    (self.job, self.isReadOnly) = (job, isReadOnly)
    let (whole, rest) = window.quotientAndRemainder(dividingBy: 1_000_000_000)
    // iperf3 takes whole seconds.
    seconds = max(1, rest > 0 ? whole + 1 : whole)
  }

  /// Milliseconds after which a client that nobody answers gives up.
  private static let connectTimeout = 20_000

  /// Nil where there is no job.
  func line(_ places: Places) -> String? {
    switch job {
    case .boot: nil
    case .command(let command): command
    case .fio:
      "exec \(places.program) --eta=never --output-format=json+\(isReadOnly ? " --readonly" : "") "
        + "--output=\(places.results) \(places.jobs)"
    case .iperf3(let asked):
      // Interval 0: no reports on the way, which would be work of their own.
      "exec \(places.program) --client \(AddressedWire.farAddress) --json --interval 0 --connect-timeout "
        + "\(Self.connectTimeout) --time \(seconds) --length \(asked.length) --parallel \(asked.parallel)"
        + "\(asked.direction == .receive ? " --reverse" : "") >\(places.results)"
    case .perf(let asked):
      "\(places.program) --version >\(places.results) && exec \(places.program) bench --format simple "
        + "\(Self.words(asked)) >>\(places.results)"
    }
  }

  private static func words(_ perf: PerfSpecification) -> String {
    switch perf.benchmark {
    case .schedMessaging: "sched messaging --group \(perf.groups) --nr_loops \(perf.loops)"
    case .schedPipe: "sched pipe --loop \(perf.loops)"
    // glibc's own, which is what programs call.
    case .copy: "mem memcpy --size \(perf.size) --nr_loops \(perf.loops) --function default"
    case .fill: "mem memset --size \(perf.size) --nr_loops \(perf.loops) --function default"
    }
  }
}
