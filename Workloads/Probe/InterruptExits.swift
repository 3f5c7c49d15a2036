import CProbe
import ProbeABI

/// Waits for a vector's next interrupt.
struct InterruptWait {
  let vector: UInt32
  let patience: UInt64

  /// Spins until the count differs from `seen`; nil after `patience` ticks.
  func spin(_ seen: UInt64) -> UInt64? {
    let deadline = nm_tsc() &+ patience
    while probe_interrupt_count(vector) == seen {
      if nm_tsc() > deadline { return nil }
      nm_pause()
    }
    return nm_tsc_end()
  }

  /// Halts until the count differs from `seen`; not for `Vector.own`, which may come too early to end a halt. Any interrupt
  /// ends a halt; the machine's watchdog ends a lost one.
  func halt(_ seen: UInt64) -> UInt64 {
    while probe_interrupt_count(vector) == seen {
      _ = probe_gate(UInt64(GATE_WAIT), probe_interrupt_slot(vector), seen, 0)
    }
    return nm_tsc_end()
  }
}

/// `exits.ipi.self`: to itself through the command register, handler and end of interrupt included.
struct SelfIPI: ExitSample {
  let patience: UInt64

  mutating func sample() -> UInt64? {
    let seen = probe_interrupt_count(Vector.own)
    let begin = nm_tsc_begin()
    LocalAPIC.sendToSelf(Vector.own)
    guard let end = InterruptWait(vector: Vector.own, patience: patience).spin(seen) else { return nil }
    return end &- begin
  }
}

/// `exits.ipi.spin`, `exits.ipi.halt`: to another processor, from the command register's write until its handler has
/// counted.
struct OtherProcessorIPI: ExitSample {
  let patience: UInt64
  /// Ticks that the other processor gets to halt again.
  let settle: UInt64

  mutating func sample() -> UInt64? {
    let ready = nm_tsc() &+ settle
    while nm_tsc() < ready { nm_pause() }
    let seen = probe_interrupt_count(Vector.wake)
    let begin = nm_tsc_begin()
    LocalAPIC.send(Vector.wake, to: 1)
    guard let end = InterruptWait(vector: Vector.wake, patience: patience).spin(seen) else { return nil }
    return end &- begin
  }

  static func run(_ command: ProcessorCommand, _ job: borrowing Job, _ context: inout JobContext) {
    guard context.environment.pointee.cpus > 1 else { return context.skip("needs two vCPUs; this machine has one") }
    let patience = ExitMeter.patience(context)
    Processors.command(1, command)
    guard Processors.waitForAcknowledgement(1, deadline: nm_tsc() &+ patience) else {
      return context.fail("the second processor does not answer")
    }
    let settle = command == .halt ? context.tscKilohertz / 5 : 0
    ExitMeter.measure(OtherProcessorIPI(patience: patience, settle: settle), job, &context)
    Processors.command(1, .park)
  }
}

/// `exits.timer.deadline`, `exits.timer.oneshot`, `exits.halt.wake`: how late the LAPIC's timer is seen to fire, spinning or
/// halted. Arming it is no part of the sample.
struct TimerInterrupt: ExitSample {
  let deadline: Bool
  let halted: Bool
  let wait: InterruptWait
  /// Ticks from arming to firing, and the timer's counts for that.
  let ahead: UInt64
  let count: UInt32

  mutating func sample() -> UInt64? {
    let seen = probe_interrupt_count(wait.vector)
    let due: UInt64
    if deadline {
      due = nm_tsc() &+ ahead
      _ = probe_gate(UInt64(GATE_WRITE_MSR), LocalAPIC.deadlineRegister, due, 0)
    } else {
      LocalAPIC.armTimer(wait.vector, count: count)
      due = nm_tsc() &+ ahead
    }
    guard let end = halted ? wait.halt(seen) : wait.spin(seen) else { return nil }
    return end > due ? end &- due : 0
  }

  static func run(deadline: Bool, halted: Bool, _ job: borrowing Job, _ context: inout JobContext) {
    if deadline && probe_has_deadline_timer() == 0 {
      return context.skip("CPUID shows no TSC-deadline timer")
    }
    // 200 us ahead: later than arming takes anywhere. KVM's APIC timer counts nanoseconds.
    let nanoseconds: UInt64 = 200_000
    let ahead = nanoseconds * context.tscKilohertz / 1_000_000
    let vector = halted ? Vector.wakeOwn : Vector.own
    if deadline { LocalAPIC.useDeadline(vector) }
    let wait = InterruptWait(vector: vector, patience: ExitMeter.patience(context))
    ExitMeter.measure(
      TimerInterrupt(deadline: deadline, halted: halted, wait: wait, ahead: ahead, count: UInt32(nanoseconds)), job,
      &context)
    LocalAPIC.stopTimer()
  }
}

/// `audit.halt`: each vector that may end a halt, come at the worst moment. A halt that it does not end never answers.
enum EarlyInterrupt {
  static func run(_ job: borrowing Job, _ context: inout JobContext) {
    var measurement = Measurement()
    let opened = context.openWindow()
    var operations: UInt64 = 0
    for vector in Vector.own + 1..<Vector.own + UInt32(VECTOR_COUNT) {
      let seen = probe_interrupt_count(vector)
      _ = probe_gate(UInt64(GATE_INTERRUPT_AT_HALT), UInt64(vector), 0, 0)
      operations += probe_interrupt_count(vector) &- seen
    }
    context.close(
      MeasuredWindow(opened: opened, closed: nm_tsc_end(), operations: operations), samples: 0, &measurement)
    context.finish(measurement)
  }
}
