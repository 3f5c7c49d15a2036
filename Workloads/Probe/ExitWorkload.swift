import CProbe
import ProbeABI

/// The table of the `exits` workloads: what it costs to leave the guest, or to be interrupted in it. Most have their
/// counterpart in the vmexit list of kvm-unit-tests. What a machine cannot do is skipped with the reason. Two are no exits: the
/// work that the audit of the counters knows the size of, and halts that must not last.
enum ExitWorkload: UInt8 {
  case cpuid, hypercall, trap, systemCall
  case msrRead, msrWrite, msrGSBase, cr3, cr8Read, cr8Write, dr7
  case portKernel, portUser, memoryUser
  case portDoorbell, portDoorbellMatch, memoryDoorbell, memoryDoorbellMatch
  case selfIPI, spinningIPI, haltedIPI, irqfd, irqfdHalted
  case deadlineTimer, oneShotTimer, haltWake
  case portUserWrite, memoryUserWrite, irqfdSelf, irqfdWake, handoff
  case knownInstructions, earlyInterrupt

  private static let count: UInt8 = 33

  var name: StaticString {
    switch self {
    case .cpuid: "exits.cpuid"
    case .hypercall: "exits.hypercall"
    case .trap: "exits.trap"
    case .systemCall: "exits.syscall"
    case .msrRead: "exits.msr.read"
    case .msrWrite: "exits.msr.write"
    case .msrGSBase: "exits.msr.gsbase"
    case .cr3: "exits.pagetable"
    case .cr8Read: "exits.cr8.read"
    case .cr8Write: "exits.cr8.write"
    case .dr7: "exits.dr7"
    case .portKernel: "exits.pio.kernel"
    case .portUser: "exits.pio.user"
    case .memoryUser: "exits.mmio.user"
    case .portDoorbell: "exits.pio.doorbell"
    case .portDoorbellMatch: "exits.pio.doorbell.match"
    case .memoryDoorbell: "exits.mmio.doorbell"
    case .memoryDoorbellMatch: "exits.mmio.doorbell.match"
    case .selfIPI: "exits.ipi.self"
    case .spinningIPI: "exits.ipi.spin"
    case .haltedIPI: "exits.ipi.halt"
    case .irqfd: "exits.irqfd"
    case .irqfdHalted: "exits.irqfd.halt"
    case .deadlineTimer: "exits.timer.deadline"
    case .oneShotTimer: "exits.timer.oneshot"
    case .haltWake: "exits.halt.wake"
    case .portUserWrite: "exits.pio.user.write"
    case .memoryUserWrite: "exits.mmio.user.write"
    case .irqfdSelf: "exits.irqfd.self"
    case .irqfdWake: "exits.irqfd.wake"
    case .handoff: "exits.handoff"
    case .knownInstructions: "audit.instructions"
    case .earlyInterrupt: "audit.halt"
    }
  }

  init?(named name: ByteSlice) {
    for index in 0..<Self.count {
      if let workload = Self(rawValue: index), name.equals(workload.name) {
        self = workload
        return
      }
    }
    return nil
  }

  /// Runs a job of this workload and answers it.
  func run(_ job: borrowing Job, _ context: inout JobContext) {
    switch self {
    case .cpuid: ExitMeter.measure(CPUIDExit(), job, &context)
    case .hypercall: HypercallExit.run(job, &context)
    case .trap: ExitMeter.measure(GateTrap(), job, &context)
    case .systemCall: SystemCallTrap.run(job, &context)
    case .msrRead, .msrWrite, .msrGSBase, .cr3, .cr8Read, .cr8Write, .dr7: runLoop(job, &context)
    case .portKernel: ExitMeter.measure(KernelPortExit(), job, &context)
    case .portUser: DeviceExits.runPort(PortEcho(), else: ScratchRead(), job, &context)
    case .memoryUser: DeviceExits.runEcho(MemoryEcho(), job, &context)
    case .portDoorbell: DeviceExits.runDoorbell(PortDoorbell(port: UInt16(NM_PORT_DOORBELL)), job, &context)
    case .portDoorbellMatch: DeviceExits.runDoorbell(PortDoorbell(port: UInt16(NM_PORT_DOORBELL_MATCH)), job, &context)
    case .memoryDoorbell: DeviceExits.runDoorbell(MemoryDoorbell(offset: NM_TEST_DOORBELL), job, &context)
    case .memoryDoorbellMatch: DeviceExits.runDoorbell(MemoryDoorbell(offset: NM_TEST_DOORBELL_MATCH), job, &context)
    case .selfIPI: ExitMeter.measure(SelfIPI(patience: ExitMeter.patience(context)), job, &context)
    case .spinningIPI: OtherProcessorIPI.run(.idle, job, &context)
    case .haltedIPI: OtherProcessorIPI.run(.halt, job, &context)
    case .portUserWrite: DeviceExits.runPort(PortEchoWrite(), else: ScratchWrite(), job, &context)
    case .memoryUserWrite: DeviceExits.runEcho(MemoryEchoWrite(), job, &context)
    case .irqfd: EventInterrupt.run(.spinning, job, &context)
    case .irqfdHalted: EventInterrupt.run(.halting, job, &context)
    case .irqfdWake: EventInterrupt.run(.halted, job, &context)
    case .irqfdSelf: OwnInterrupt.run(job, &context)
    case .handoff: HandOff.run(job, &context)
    case .deadlineTimer: TimerInterrupt.run(deadline: true, halted: false, job, &context)
    case .oneShotTimer: TimerInterrupt.run(deadline: false, halted: false, job, &context)
    case .haltWake: TimerInterrupt.run(deadline: false, halted: true, job, &context)
    case .knownInstructions: KnownInstructions.run(job, &context)
    case .earlyInterrupt: EarlyInterrupt.run(job, &context)
    }
  }

  private func runLoop(_ job: borrowing Job, _ context: inout JobContext) {
    let adjust: UInt64 = 0x3b  // IA32_TSC_ADJUST: nothing reads it, and no processor lets a guest write it unseen
    let gsBase: UInt64 = 0xc000_0102
    switch self {
    case .msrRead: ExitMeter.measureLoop(GATE_LOOP_READ_MSR, adjust, 0, job, &context)
    case .msrWrite: ExitMeter.measureLoop(GATE_LOOP_WRITE_MSR, adjust, 0, job, &context)
    case .msrGSBase: ExitMeter.measureLoop(GATE_LOOP_WRITE_MSR, gsBase, 0, job, &context)
    case .cr3: ExitMeter.measureLoop(GATE_LOOP_CR3, 0, 0, job, &context)
    case .cr8Read: ExitMeter.measureLoop(GATE_LOOP_CR8_READ, 0, 0, job, &context)
    case .cr8Write: ExitMeter.measureLoop(GATE_LOOP_CR8_WRITE, 0, 0, job, &context)
    default: ExitMeter.measureLoop(GATE_LOOP_DR7, 0, 0, job, &context)
    }
  }
}
