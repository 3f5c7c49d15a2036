import Counters
import Definitions
import Devices
import GuestMemory
import KVM
import LinuxBoot
import LinuxSystem
import Network
import ProbeABI
import Results
import Synchronization
import Topology
import VirtualMachine

/// A boot of Linux on our own monitor, with a PC's devices, in the session's process.
final class LinuxGuestSession: PreparedSession {
  private let session: Session
  private let context: SessionContext
  private let start: UInt64
  private let observer: LinuxObserver
  private let windows: WindowRecorder
  /// Nil once it has been let go of.
  private var machine: GuestMachine?
  private let memoryProblem: String?
  /// The version that this host has of the tool that the job is.
  private let toolVersion: String?
  private var outcome = SessionOutcome()

  /// Why no Linux guest can be booted here; nil where one can.
  static var obstacle: String? {
    Backend.detect() == .pvm
      ? "this host's KVM runs a guest's kernel in an emulator (PVM), where an unmodified Linux does not get far; ci/emulated-host has others"
      : nil
  }

  init(_ session: Session, _ linux: LinuxSpecification, _ context: SessionContext) throws(SessionObstacle) {
    if let obstacle = Self.obstacle { throw .unavailable(obstacle) }
    guard let supply = context.linux, let guest = supply.guest else { throw .failure("the suite names no kernel") }
    self.session = session
    self.context = context
    toolVersion = supply.program(linux.job)?.version
    windows = WindowRecorder(
      context.threads(of: session), noise: context.windowNoise, counters: context.counters)
    let control = Control()
    self.control = control
    do {
      let disk = try linux.disk.flatMap { try context.disk.leg($0) }
      let task = supply.task(
        linux, isReadOnly: disk?.isReadOnly ?? false, window: context.window(of: session.legs[0]))
      let initrd = try task.archive().appended(to: guest.initrd)
      let kernel = try GuestKernel(guest.kernel, path: guest.kernelPath)
      let start = MonotonicClock.now
      let observer = LinuxObserver(task, linux.job, began: start)
      (self.start, self.observer) = (start, observer)
      let machine = try Self.make(GuestLayout(session: session, context: context), disk, context) {
        [windows, job = session.legs[0].job] byte in
        let (stage, isOver) = observer.receive(byte)
        switch stage {
        case .start: windows.mark(NM_MARKER_OPEN | job)
        case .stop: windows.mark(NM_MARKER_CLOSE | job)
        case .silent, .hello, .ready, .done, nil: break
        }
        if isOver { control.machine.withLock { $0 }?.stop() }
      }
      control.machine.withLock { $0 = machine }
      memoryProblem = try context.memory.settle(machine.memory.hostRanges)
      try kernel.load(into: machine, words: guest.words, initrd: GuestKernel.File(name: "initrd", bytes: initrd))
      windows.watch(machine)
      self.machine = machine
    } catch { throw .failure("\(error)") }
  }

  /// The machine that a guest's last word ends.
  private final class Control: Sendable {
    let machine = Mutex<GuestMachine?>(nil)
  }

  private let control: Control

  private static func make(
    _ layout: GuestLayout, _ disk: LegDisk?, _ context: SessionContext, _ serial: @escaping (UInt8) -> Void
  ) throws -> GuestMachine {
    let preference = NodePreference(context.deviceNode)
    defer { preference.end() }
    var net: NetConfiguration?
    if case .tap(let tap) = context.nearEnd {
      net = try SessionNet.configuration(tap: tap, layout.session.path.mode)
    }
    var configuration = layout.configuration(disk, net)
    configuration.platform = .pc
    // Slowdowns on purpose are known for the probe's workloads alone.
    configuration.exitDelay = 0
    for index in configuration.disks.indices { configuration.disks[index].delay = nil }
    return try GuestMachine(try System(), configuration, serial: serial)
  }

  func cancel() { machine?.stop() }

  func run() {
    guard let machine else { return }
    let registration = context.interruption.whileRunning { machine.stop() }
    defer { registration.end() }
    do {
      let end = try machine.run(until: start + context.patience(session)) {
        [windows, context] () throws(SystemError) in
        windows.openCounters()
        try context.confinement?.enter()
      }
      outcome.conclude(observer.conclusion(Self.phrase(end), host: toolVersion))
    } catch { outcome.failure = "\(error)" }
  }

  func finish() -> SessionOutcome {
    guard let machine else { return outcome }
    control.machine.withLock { $0 = nil }
    windows.stopWatching()
    outcome.deviceFailure = machine.diskFailure ?? machine.netFailure
    outcome.memory = context.memory.record(machine.memory.hostRanges, problem: memoryProblem)
    outcome.windows = windows.windows
    self.machine = nil
    return outcome
  }

  /// How a machine ended whose guest had not come to its own end.
  private static func phrase(_ end: MachineEnd) -> String {
    switch end {
    case .exited(let value): "the guest wrote \(value) to the debug-exit port"
    case .reset: "the guest reset itself"
    case .poweredOff: "the guest turned the machine off"
    case .failed(let reason): "the guest died: \(reason)"
    case .timedOut(let places): "the guest had not ended by the deadline (\(places))"
    case .stopped: "the guest was ended"
    }
  }
}
