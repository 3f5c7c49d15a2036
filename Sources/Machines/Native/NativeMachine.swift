import CLinux
import Definitions
import LinuxSystem
import Network
import Probe
import ProbeABI
import Results
import Storage
import Synchronization
import Topology

/// The `native` machine: the probe's own bytes, called on a pinned thread of the session's process.
struct NativeMachine: SessionMachine {
  var counting: CountableThreads { .workload }

  func prepare(_ session: Session, _ context: SessionContext) throws(SessionObstacle) -> any PreparedSession {
    if let linux = session.linux { return try NativeLinuxSession(session, linux, context) }
    if session.net?.wire == .inprocess, context.cpus.io == nil {
      throw .unavailable("the in-process wire needs a second CPU for its far end; this process may use one")
    }
    do throws(SystemError) {
      let net = try session.net.map { (net) throws(SystemError) in
        try NativeNet(net.wire.kind, ioCPU: context.cpus.io)
      }
      return NativeSession(session, context, net)
    } catch { throw .unavailable(error.description) }
  }
}

/// The native legs of a session. The workload's thread makes everything that it works on, so that its memory is its own node's; what
/// several threads share, it shares with workers.
private final class NativeSession: PreparedSession, Sendable {
  private let session: Session
  private let context: SessionContext
  private let net: NativeNet?
  private let jobs: [UInt8]
  private let start = MonotonicClock.now
  /// Of the workload's thread, and of its workers.
  private let cpus: [Int]
  private let records: RecordStream
  private let windows: WindowRecorder
  private let problem = Mutex<String?>(nil)
  private let memory = Mutex<MemoryRecord?>(nil)

  init(_ session: Session, _ context: SessionContext, _ net: NativeNet?) {
    self.session = session
    self.context = context
    self.net = net
    jobs = context.jobText(session)
    records = RecordStream(kept: context.onRecord)
    // A guest's disk is worked on by the I/O thread, and so is a wire that runs through the kernel, its far end included: the
    // native leg makes its calls from that thread's CPU. The in-process wire has two threads in either leg.
    let callsKernel = session.disk != nil || session.net.map { $0.wire != .inprocess } ?? false
    cpus = callsKernel ? context.threads(of: session).native : [context.cpus.workload]
    windows = WindowRecorder(
      cpus: Set(cpus).sorted(), ioCPUs: net?.farThread == nil ? [] : context.cpus.io.map { [$0] } ?? [],
      noise: context.windowNoise, counters: context.counters)
    if let thread = net?.farThread { windows.watch(io: [thread]) }
  }

  /// The probe is the harness's own code, and ends by itself.
  func cancel() {}

  func run() {
    do throws(SystemError) {
      try PinnedThread(name: "native", cpu: cpus[0]) { [self] in
        do throws(SystemError) {
          let record = try call()
          memory.withLock { $0 = record }
        } catch {
          problem.withLock { $0 = error.description }
        }
      }.join()
    } catch {
      problem.withLock { $0 = error.description }
    }
  }

  func finish() -> SessionOutcome {
    var outcome = SessionOutcome(results: records.results, windows: windows.windows)
    outcome.memory = memory.withLock { $0 }
    if session.measuresBoot { outcome.boot = records.figures(since: start) }
    outcome.failure = problem.withLock { $0 } ?? records.error?.description ?? "the job was not answered"
    return outcome
  }

  private func call() throws(SystemError) -> MemoryRecord {
    // The arena is what a guest's RAM is: as large, as little touched, on the same node, the same pages asked for.
    let pages = context.memory.pages
    let arena = try Mapping.anonymous(count: Int(context.memoryBytes), alignment: 2 << 20, pages: pages)
    let start = UInt(bitPattern: unsafe arena.base)
    let range = start..<start + UInt(arena.count)
    let problem = try context.memory.settle([range])
    let probe = try NativeProbe.map(context.image, pages: pages) { (image) throws(SystemError) in
      _ = try context.memory.settle([image])
    }
    let disks = try disks()
    let workers = cpus.count > 1 ? try WorkerThreads(cpus: Array(cpus.dropFirst())) : nil
    defer { workers?.stop() }
    windows.watch(workers: workers?.identifiers ?? [])
    windows.openCounters()
    try context.confinement?.enter()
    let devices = unsafe disks.map { unsafe $0.device.pointee }
    unsafe devices.withUnsafeBufferPointer { devices in
      _ = unsafe probe.run(
        jobs, arena: arena, tscFrequency: context.tscFrequency, block: devices.isEmpty ? nil : devices,
        net: net?.device, records: records, marker: { [windows] in windows.mark($0) },
        turn: context.gate.map { gate in { [self] in pass(gate) } }, workers: workers)
      // One that came late to its work looks at the arena once more.
      workers?.stop()
    }
    withExtendedLifetime((disks, net)) {}
    return context.memory.record([range, probe.range], problem: problem)
  }

  /// Waits for the leg's turn with everything asleep that works for it.
  private func pass(_ gate: TurnGate) -> UInt32 {
    net?.park(true)
    defer { net?.park(false) }
    return gate.pass { windows.threads }
  }

  /// The disk as each thread has it.
  private func disks() throws(SystemError) -> [NativeDisk] {
    guard let wanted = session.disk, let disk = try context.disk.leg(wanted) else { return [] }
    let preference = NodePreference(context.deviceNode)
    defer { preference.end() }
    let first = try disk.backing.open(readOnly: disk.isReadOnly)
    var others: [NativeDisk] = []
    for _ in cpus.dropFirst() { others.append(NativeDisk(try disk.backing.open(beside: first))) }
    return [NativeDisk(first)] + others
  }
}
