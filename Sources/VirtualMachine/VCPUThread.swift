import CKVM
import CLinux
import KVM
import LinuxSystem
import Synchronization

/// One vCPU and the host thread that runs it.
final class VCPUThread: @unchecked Sendable {
  // @unchecked: `vcpu` is used by the machine's owner before the start, then by the vCPU's thread alone.

  let index: Int
  /// nil once its thread took it.
  private var vcpu: VCPU?
  private let exitRequest: ExitRequest
  private let spaces: AddressSpaces
  private let control: MachineControl
  /// TSC ticks that every answered exit takes longer; 0 unless a calibration asks for it.
  private let exitDelay: UInt64
  private let thread: MachineThread
  private let position = Mutex("was not started")
  /// KVM's counters of this vCPU, opened before it runs: asking for them later would wait until it leaves the guest.
  private let counters: KVMStatistics?
  private let exits = ExitCounters()

  init(
    index: Int, vcpu: consuming VCPU, spaces: AddressSpaces, control: MachineControl, exitDelay: UInt64
  ) throws(SystemError) {
    thread = try MachineThread("vcpu\(index)")
    self.index = index
    counters = try? vcpu.statistics()
    exitRequest = vcpu.exitRequest
    self.vcpu = consume vcpu
    self.spaces = spaces
    self.control = control
    self.exitDelay = exitDelay
  }

  /// Prepares the registers for the guest's first instruction. Comes before the start.
  func prepare(_ entry: GuestEntry) throws(SystemError) { try vcpu?.prepare(entry) }

  /// Starts the thread.
  /// - Parameters:
  ///   - cpu: the host CPU that it is pinned to; nil leaves it free.
  ///   - line: where it waits before the guest's first instruction; nil where nobody does.
  func start(on cpu: Int?, _ line: StartLine?) throws(SystemError) {
    position.withLock { $0 = "had not left the guest" }
    try thread.start(on: cpu) { [self] in
      line?.stand()
      run()
    }
  }

  /// Kernel thread id; 0 where the thread does not run yet.
  var threadIdentifier: Int32 { thread.identifier }

  /// Asks the thread to leave the guest; without a window in which the request could be lost.
  func kick() {
    exitRequest.make()
    thread.signal(KickSignal.number)
  }

  /// Waits for the thread and returns where its vCPU was; a thread that does not end is left behind when the deadline passes.
  func join(until deadline: UInt64) -> String {
    thread.join(until: deadline)
      ? position.withLock { $0 } : "in the monitor, which a device does not answer"
  }

  /// What came to the monitor from this vCPU, in the order of ``ExitCounters/names``. Any thread.
  var exitCounts: [UInt64] { exits.values }

  /// The names of what KVM counts for this vCPU, and the counts now in the same order; empty where KVM does not count. Any thread.
  var countNames: [String] {
    switch counters {
    case .some(let counters): counters.valueNames
    case .none: []
    }
  }

  func counts() -> [UInt64] {
    switch counters {
    case .some(let counters): (try? counters.values()) ?? [UInt64](repeating: 0, count: counters.valueNames.count)
    case .none: []
    }
  }

  /// What those counters mean; empty where KVM does not count.
  var statisticDescriptions: [StatisticDescription] {
    switch counters {
    case .some(let counters): counters.descriptions
    case .none: []
    }
  }

  private func run() {
    guard var vcpu = vcpu.take() else { return }
    let fatal: FatalExit?
    do throws(SystemError) {
      fatal = try serve(&vcpu)
    } catch {
      fatal = nil
      control.finish(.failed("vCPU \(index): \(error)"))
    }
    let place = Self.place(of: vcpu)
    position.withLock { $0 = place }
    if let fatal { control.finish(.failed("vCPU \(index): \(fatal) \(place)")) }
  }

  /// The exit loop. Returns the exit that no machine survives, or nil when the machine stops.
  private func serve(_ vcpu: inout VCPU) throws(SystemError) -> FatalExit? {
    var recent = AddressSpaces.Recent()
    while !control.isStopping {
      if let fatal = try vcpu.enter({ answer($0, &recent) }) { return fatal }
    }
    return nil
  }

  /// Does what the guest left for.
  /// - Returns: why it cannot go on; nil where it can.
  @inline(__always)
  private func answer(_ exit: borrowing Exit, _ recent: inout AddressSpaces.Recent) -> FatalExit? {
    switch exit {
    case .port(let access):
      exits.count(access)
      spaces.perform(access, &recent)
    case .memory(let access):
      exits.count(access)
      spaces.perform(access, &recent)
    case .halt: return nil
    case .interrupted: return nil
    case .fatal(let fatal): return fatal
    }
    if exitDelay > 0 { BusyWait.ticks(exitDelay) }
    return nil
  }

  private static func place(of vcpu: borrowing VCPU) -> String {
    guard let general = try? vcpu.registers(), let special = try? vcpu.specialRegisters() else {
      return "at an unknown place"
    }
    let level = special.cs.dpl
    return "at RIP 0x\(String(general.rip, radix: 16)), CPL \(level), CR2 0x\(String(special.cr2, radix: 16))"
  }
}
