import CLinux
import LinuxSystem
import Network
import Probe
import ProbeABI
import Results
import Storage
import Synchronization
import Topology

/// The `native` machine: the probe's own bytes, called on a pinned thread of this process.
struct NativeMachine {
  let context: RunContext

  func run(_ session: Session) -> SessionOutcome {
    let records = RecordStream()
    // A guest's disk is worked on by the I/O thread, and so is a wire that runs through the kernel, its far end included: the
    // native leg makes its calls from that thread's CPU. The in-process wire has two threads in either leg.
    let wire = session.net.map { $0.wire }
    if wire == .inprocess, context.ioCPU == nil {
      return .skipped("the in-process wire needs a second CPU for its far end; this process may use one")
    }
    let callsKernel = session.block != nil || (wire != nil && wire != .inprocess)
    let cpu = callsKernel ? context.ioCPU ?? context.workloadCPU : context.workloadCPU
    let windows = WindowRecorder(
      cpus: [cpu], ioCPU: context.ioCPU, noise: context.noise, counters: context.counters)
    let problem = Mutex<String?>(nil)
    let memory = Mutex<MemoryRecord?>(nil)
    let net: NativeNet?
    do throws(SystemError) {
      net = try session.net.map { (entry) throws(SystemError) in try NativeNet(entry.wire, ioCPU: context.ioCPU) }
    } catch {
      return .skipped(error.description)
    }
    if let thread = net?.farThread { windows.watch(ioThread: thread) }
    let jobs = context.jobText(session)
    do throws(SystemError) {
      let thread = try PinnedThread(name: "native", cpu: cpu) { [context] in
        do throws(SystemError) {
          let record = try Self.call(context, session, net, jobs, records, windows)
          memory.withLock { $0 = record }
        } catch {
          problem.withLock { $0 = error.description }
        }
      }
      thread.join()
    } catch {
      return .failed(error.description)
    }
    var outcome = SessionOutcome(results: records.results, windows: windows.windows)
    outcome.memory = memory.withLock { $0 }
    outcome.failure = problem.withLock { $0 } ?? records.error?.description ?? "the job was not answered"
    return outcome
  }

  private static func call(
    _ context: RunContext, _ session: Session, _ net: NativeNet?, _ jobs: [UInt8], _ records: RecordStream,
    _ windows: WindowRecorder
  ) throws(SystemError) -> MemoryRecord {
    // The arena is what a guest's RAM is: as large, as little touched, on the same node, the same pages asked for.
    let pages = context.memory.pages
    let arena = try Mapping.anonymous(count: Int(context.suite.memory), alignment: 2 << 20, pages: pages)
    let start = UInt(bitPattern: unsafe arena.base)
    let range = start..<start + UInt(arena.count)
    let problem = try context.memory.settle([range])
    let probe = try NativeProbe.map(context.image, pages: pages) { (image) throws(SystemError) in
      _ = try context.memory.settle([image])
    }
    var disk: NativeDisk?
    if let entry = session.block, let image = context.disk {
      let backing = image.backing(entry.parameters["backing"])
      let preference = NodePreference(context.deviceNode)
      defer { preference.end() }
      disk = NativeDisk(try backing.open())
    }
    windows.openCounters()
    _ = unsafe probe.run(
      jobs, arena: arena, tscFrequency: context.tscFrequency, block: disk?.device, net: net?.device, records: records,
      marker: { windows.mark($0) })
    withExtendedLifetime((disk, net)) {}
    return context.memory.record([range, probe.range], problem: problem)
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
