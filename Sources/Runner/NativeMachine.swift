import CLinux
import LinuxSystem
import Probe
import ProbeABI
import Results
import Storage
import Synchronization

/// The `native` machine: the probe's own bytes, called on a pinned thread of this process.
struct NativeMachine {
  let context: RunContext

  func run(_ session: Session) -> SessionOutcome {
    let records = RecordStream()
    // A guest's disk is worked on by the I/O thread: the native leg issues its requests from that thread's CPU.
    let cpu = session.block == nil ? context.workloadCPU : context.ioCPU ?? context.workloadCPU
    let windows = WindowRecorder(cpus: [cpu])
    let problem = Mutex<String?>(nil)
    let jobs = context.jobText(session)
    do throws(SystemError) {
      let thread = try PinnedThread(name: "native", cpu: cpu) { [context] in
        do throws(SystemError) {
          try Self.call(context, session, jobs, records, windows)
        } catch {
          problem.withLock { $0 = error.description }
        }
      }
      thread.join()
    } catch {
      return .failed(error.description)
    }
    var outcome = SessionOutcome(results: records.results, windows: windows.windows)
    outcome.failure = problem.withLock { $0 } ?? records.error?.description ?? "the job was not answered"
    return outcome
  }

  private static func call(
    _ context: RunContext, _ session: Session, _ jobs: [UInt8], _ records: RecordStream, _ windows: WindowRecorder
  ) throws(SystemError) {
    // The arena is what a guest's RAM is: as large, as little touched, with huge pages asked for alike.
    let arena = try Mapping.anonymous(count: Int(context.suite.memory), alignment: 2 << 20)
    try? arena.advise(MADV_HUGEPAGE)
    let probe = try NativeProbe.map(context.image)
    var disk: NativeDisk?
    if let entry = session.block, let image = context.disk {
      disk = NativeDisk(try image.backing(entry.parameters["backing"]).open())
    }
    _ = unsafe probe.run(
      jobs, arena: arena, tscFrequency: context.tscFrequency, block: disk?.device, records: records,
      marker: { windows.mark($0) })
    _ = consume disk
  }
}

extension RecordStream {
  /// The answers that have arrived, by job.
  public var results: [UInt32: ProbeResult] {
    var all: [UInt32: ProbeResult] = [:]
    for arrival in arrivals {
      if case .result(let job, let result) = arrival.record { all[job] = result }
    }
    return all
  }

  /// A crash that the probe reported, as a sentence.
  public var crash: String? {
    for arrival in arrivals {
      guard case .crash(let crash) = arrival.record else { continue }
      let places = [("RIP", crash.rip), ("error code", crash.error_code), ("CR2", crash.cr2)]
      let text = places.map { "\($0.0) 0x\(String($0.1, radix: 16))" }.joined(separator: ", ")
      return "the probe took exception \(crash.vector) on CPU \(crash.cpu): \(text)"
    }
    return nil
  }

  /// When the first and the last record were complete.
  var span: (first: UInt64, last: UInt64)? {
    guard let first = arrivals.first, let last = arrivals.last, case .end = last.record else { return nil }
    return (first.time, last.time)
  }
}
