import Counters
import Definitions
import Devices
import GuestMemory
import KVM
import LinuxSystem
import Network
import Probe
import Results
import Storage
import Topology
import VirtualMachine

/// The `nearmetal` machine: the probe as a guest of our own monitor, in the session's process.
struct NearMetalMachine: SessionMachine {
  var counting: CountableThreads { .vcpus }

  func prepare(_ session: Session, _ context: SessionContext) throws(SessionObstacle) -> any PreparedSession {
    if let linux = session.linux { return try LinuxGuestSession(session, linux, context) }
    if session.path.mode == .polled, context.cpus.io == nil {
      throw .unavailable("polled mode needs a second CPU for the I/O thread; this process may use one")
    }
    if session.path.mode == .vhost, !isUsable("/dev/vhost-net") {
      throw .unavailable(
        "this host has no /dev/vhost-net that this process may use; load its module: sudo modprobe vhost_net")
    }
    return try NearMetalSession(session, context)
  }
}

/// A boot of the probe.
private final class NearMetalSession: PreparedSession {
  private let session: Session
  private let context: SessionContext
  private let start: UInt64
  private let net: SessionNet?
  /// What serves the disk in the mode `vhost-user`. Nil once it has been let go of.
  private var daemon: StorageDaemon?
  private let records: RecordStream
  private let windows: WindowRecorder
  /// Nil once it has been let go of.
  private var machine: GuestMachine?
  /// Why the memory could not be bound, where it could not.
  private let memoryProblem: String?
  private var outcome = SessionOutcome()

  init(_ session: Session, _ context: SessionContext) throws(SessionObstacle) {
    self.session = session
    self.context = context
    records = RecordStream(kept: context.onRecord)
    do throws(SystemError) {
      net = try session.net.map { (net) throws(SystemError) in
        try SessionNet(net, session.path.mode, ioCPU: context.cpus.io)
      }
    } catch { throw .unavailable(error.description) }
    let wanted = session.path.mode == .vhostUser ? session.disk : nil
    daemon = try wanted.map { (wanted) throws(SessionObstacle) in try StorageDaemon.start(wanted, context) }
    // A boot is measured whole: nothing may be opened while it goes on.
    windows = WindowRecorder(
      context.threads(of: session), noise: context.windowNoise,
      counters: session.measuresBoot ? [] : context.counters, cost: context.markerCost)
    let layout = GuestLayout(session: session, context: context)
    let jobs = context.jobText(session)
    start = MonotonicClock.now
    do {
      let disk = daemon == nil ? try session.disk.flatMap { wanted in try context.disk.leg(wanted) } : nil
      let configuration = layout.configuration(disk, net?.configuration, backend: daemon?.backend)
      let machine = try Self.make(configuration, context, records, windows)
      memoryProblem = try context.memory.settle(machine.memory.hostRanges)
      try machine.load(
        context.image.elf, name: context.image.path, commandLine: layout.commandLine, module: jobs)
      windows.watch(machine)
      if let daemon { windows.watch(ioProcess: daemon.pid) }
      self.machine = machine
    } catch { throw .failure("\(error)") }
  }

  /// Makes the machine; a disk that is a piece of memory comes from the node that was asked for the device.
  private static func make(
    _ configuration: MachineConfiguration, _ context: SessionContext, _ records: RecordStream, _ windows: WindowRecorder
  ) throws -> GuestMachine {
    let preference = NodePreference(context.deviceNode)
    defer { preference.end() }
    let turn = context.gate.map { gate in { gate.pass { windows.threads } } }
    return try Machine(
      try System(), configuration, serial: { records.receive($0) },
      outbox: { records.receive($0) }, marker: { windows.mark($0) }, turn: turn)
  }

  func cancel() { machine?.stop() }

  func run() {
    guard let machine else { return }
    // Who takes turns is told that there are no more of them, and answers with those that it had.
    let registration = context.gate == nil ? context.interruption.whileRunning { machine.stop() } : nil
    defer { registration?.end() }
    do {
      try daemon?.watch { machine.stop() }
      defer { daemon?.stopWatching() }
      let end = try run(machine, until: start + context.patience(session))
      outcome.failure = records.complaint ?? daemon?.failure ?? Self.explain(end)
    } catch { outcome.failure = "\(error)" }
  }

  /// Runs the guest in a process that is confined by then. What opens nothing else is confined before the machine's threads are there,
  /// who take over what it gave up.
  private func run(_ machine: GuestMachine, until deadline: UInt64) throws -> MachineEnd {
    guard !windows.countsEvents, session.net == nil else {
      return try machine.run(until: deadline) { [windows, context] () throws(SystemError) in
        windows.openCounters()
        try context.confinement?.enter()
      }
    }
    try context.confinement?.enter()
    return try machine.run(until: deadline)
  }

  func finish() -> SessionOutcome {
    guard let machine else { return outcome }
    windows.stopWatching()
    withExtendedLifetime(net) {}
    outcome.deviceFailure = machine.diskFailure ?? machine.netFailure
    if context.measuresFootprint, let footprint = try? MemoryFootprint(beyond: machine.memory.hostRanges) {
      outcome.boot = BootFigures(
        first: 0, last: 0, resident: footprint.resident, proportional: footprint.proportional)
    } else {
      outcome.boot = records.figures(since: start)
    }
    // Looking takes memory of its own, which the footprint must not contain.
    outcome.memory = context.memory.record(machine.memory.hostRanges, problem: memoryProblem)
    outcome.results = records.results
    outcome.windows = windows.windows
    self.machine = nil
    daemon = nil
    return outcome
  }

  /// Why a leg without an answer has none.
  private static func explain(_ end: MachineEnd) -> String {
    switch end {
    case .exited: return "the probe ended before it answered the job"
    case .reset: return "the guest reset itself before it answered the job"
    case .poweredOff: return "the guest turned the machine off before it answered the job"
    case .failed(let reason): return reason
    case .timedOut(let places): return "no answer by the deadline: \(places)"
    case .stopped: return "interrupted"
    }
  }
}
