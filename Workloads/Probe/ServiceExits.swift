import CProbe
import ProbeABI

/// The test device's interrupt service, switched on for one workload: a host thread that watches a page of the guest.
struct InterruptServicePage {
  private static var device: UInt64 { UInt64(NM_TEST_DEVICE) }
  let page: UnsafeMutablePointer<nm_irq_page>
  private let pin: UInt32

  /// Routes the interrupt and starts the service. Answers the job and returns nil where there is none.
  /// - Parameters:
  ///   - vector: what the interrupt arrives as.
  ///   - delay: ticks from a request to its interrupt, or `NM_TEST_IRQ_NEVER`.
  init?(vector: UInt32, delay: UInt32, _ context: inout JobContext) {
    guard probe_mmio_read(Self.device) == NM_TEST_MAGIC_VALUE else {
      context.skip("this machine has no interrupt service")
      return nil
    }
    guard let memory = context.carveScratch(4096) else { return nil }
    page = memory.pointer(to: nm_irq_page.self)
    page.pointee = nm_irq_page()
    probe_mmio_write(Self.device + UInt64(NM_TEST_IRQ_DELAY), delay)
    guard probe_mmio_read(Self.device + UInt64(NM_TEST_IRQ_DELAY)) == delay else {
      context.skip("this machine's interrupt service knows no delay")
      return nil
    }
    pin = probe_mmio_read(Self.device + UInt64(NM_TEST_IRQ_GSI))
    IOAPIC.route(pin: pin, to: vector, processor: LocalAPIC.identifier)
    probe_mmio_write(Self.device + UInt64(NM_TEST_IRQ_PAGE), UInt32(truncatingIfNeeded: memory.address))
    guard probe_mmio_read(Self.device + UInt64(NM_TEST_IRQ_PAGE)) != 0 else {
      stop()
      context.skip("the interrupt service needs a second host CPU")
      return nil
    }
  }

  /// Ends the service.
  func stop() {
    probe_mmio_write(Self.device + UInt64(NM_TEST_IRQ_PAGE), 0)
    probe_mmio_write(Self.device + UInt64(NM_TEST_IRQ_DELAY), 0)
    IOAPIC.mask(pin: pin)
  }
}

/// `exits.irqfd`, `exits.irqfd.halt`, `exits.irqfd.wake`: a host thread that watches shared memory raises an interrupt by
/// irqfd; from the request, or from when the interrupt was to be raised, until the guest has taken it.
struct EventInterrupt: ExitSample {
  /// What the vCPU does when the interrupt comes.
  /// (The raw type keeps the compiler from emitting a hash function, whose seed would need a source of random numbers.)
  enum State: UInt8 {
    case spinning
    /// It is on its way into the halt: the interrupt is asked for first.
    case halting
    /// It has been halted for a while.
    case halted
  }

  let page: UnsafeMutablePointer<nm_irq_page>
  let wait: InterruptWait
  let state: State
  /// Ticks from the request to the interrupt, no part of the sample.
  let delay: UInt64
  let settle: UInt64

  mutating func sample() -> UInt64? {
    let ready = nm_tsc() &+ settle
    while nm_tsc() < ready { nm_pause() }
    let seen = probe_interrupt_count(wait.vector)
    let begin = nm_tsc_begin()
    probe_request_interrupt(page)
    guard let end = state == .spinning ? wait.spin(seen) : wait.halt(seen) else { return nil }
    let due = begin &+ delay
    return end > due ? end &- due : 0
  }

  static func run(_ state: State, _ job: borrowing Job, _ context: inout JobContext) {
    // 100 us: far longer than any way into a halt, and no longer than a fast disk's answer takes.
    let delay = state == .halted ? context.tscKilohertz / 10 : 0
    let vector = state == .spinning ? Vector.own : Vector.device
    guard let service = InterruptServicePage(vector: vector, delay: UInt32(truncatingIfNeeded: delay), &context)
    else { return }
    let wait = InterruptWait(vector: vector, patience: ExitMeter.patience(context))
    ExitMeter.measure(
      EventInterrupt(
        page: service.page, wait: wait, state: state, delay: delay, settle: context.tscKilohertz / 50), job, &context)
    service.stop()
  }
}

/// `exits.handoff`: a host thread that watches shared memory answers there; two cache lines cross between the CPUs, and
/// nobody leaves the guest.
struct HandOff: ExitSample {
  let page: UnsafeMutablePointer<nm_irq_page>
  let patience: UInt64

  mutating func sample() -> UInt64? {
    let deadline = nm_tsc() &+ patience
    let begin = nm_tsc_begin()
    probe_request_interrupt(page)
    let wanted = page.pointee.request
    while page.pointee.served != wanted {
      if nm_tsc() > deadline { return nil }
    }
    return nm_tsc_end() &- begin
  }

  static func run(_ job: borrowing Job, _ context: inout JobContext) {
    guard let service = InterruptServicePage(vector: Vector.own, delay: NM_TEST_IRQ_NEVER, &context) else { return }
    ExitMeter.measure(HandOff(page: service.page, patience: ExitMeter.patience(context)), job, &context)
    service.stop()
  }
}

/// `exits.irqfd.self`: a register write whose device raises an interrupt by irqfd, on the vCPU's own thread, until the guest
/// has taken it: as emulated devices do. The guest halts where the interrupt is not there yet.
struct OwnInterrupt: ExitSample {
  let wait: InterruptWait

  mutating func sample() -> UInt64? {
    let seen = probe_interrupt_count(wait.vector)
    let begin = nm_tsc_begin()
    probe_mmio_write(UInt64(NM_TEST_DEVICE) + UInt64(NM_TEST_IRQ_RAISE), 1)
    return wait.halt(seen) &- begin
  }

  static func run(_ job: borrowing Job, _ context: inout JobContext) {
    let device = UInt64(NM_TEST_DEVICE)
    guard probe_mmio_read(device) == NM_TEST_MAGIC_VALUE, probe_mmio_read(device + UInt64(NM_TEST_IRQ_RAISE)) == 1
    else { return context.skip("this machine has no interrupt of its own to raise") }
    let pin = probe_mmio_read(device + UInt64(NM_TEST_IRQ_GSI))
    IOAPIC.route(pin: pin, to: Vector.device, processor: LocalAPIC.identifier)
    let wait = InterruptWait(vector: Vector.device, patience: ExitMeter.patience(context))
    ExitMeter.measure(OwnInterrupt(wait: wait), job, &context)
    IOAPIC.mask(pin: pin)
  }
}
