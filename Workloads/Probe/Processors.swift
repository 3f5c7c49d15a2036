import CProbe

/// The processors and their descriptor tables, all filled in at CPL 3, where it costs nothing.
enum Processors {
  /// Fills the interrupt descriptor table. Its register was loaded at boot; a fault before this call ends the machine.
  static func installInterruptGates() {
    let table = probe_idt_table()!
    for vector in 0..<256 {
      let handler = probe_vector_address(UInt32(vector))
      let present: UInt64 = 0x8e00 << 32
      table[2 * vector] =
        handler & 0xffff | UInt64(SELECTOR_KERNEL_CODE) << 16 | present | (handler >> 16 & 0xffff) << 48
      table[2 * vector + 1] = handler >> 32
    }
  }

  /// Starts the other processors, up to `limit` in all, and returns how many there are. Waits at most 50 ms for those that
  /// the machine may have: nobody says beforehand how many.
  static func startOthers(limit: UInt32, ticksPerMillisecond: UInt64) -> UInt32 {
    guard limit > 1 else { return 1 }
    describeTasks()
    let size = probe_trampoline_size()
    let target = UnsafeMutableRawPointer(bitPattern: UInt(PROBE_TRAMPOLINE))!
    target.copyMemory(from: probe_trampoline(), byteCount: Int(size))
    for processor in 1..<limit { LocalAPIC.start(processor, page: UInt32(PROBE_TRAMPOLINE >> 12)) }
    let deadline = nm_tsc() + 50 * ticksPerMillisecond
    while probe_alive() < limit && nm_tsc() < deadline { nm_pause() }
    return probe_alive()
  }

  /// One task descriptor a processor, after the boot processor's, which boot.S filled in.
  private static func describeTasks() {
    let table = probe_gdt_table()!
    let bitmapEnd = UInt64(PROBE_MAX_CPUS) * 128 + 8192
    for processor in 1..<Int(PROBE_MAX_CPUS) {
      let offset = UInt64(processor) * 128
      let base = probe_tasks_address() + offset
      let limit = bitmapEnd - offset
      let index = Int(SELECTOR_TASK) / 8 + 2 * processor
      table[index] =
        limit & 0xffff | (base & 0xff_ffff) << 16 | 0x89 << 40 | (limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56
      table[index + 1] = base >> 32
    }
  }

  /// Has another processor carry out a command, waking it if it has halted; returns at once.
  static func command(_ processor: Int, _ command: ProcessorCommand) {
    let box = probe_mailbox_of(UInt32(processor))!
    probe_mailbox_send(box, command.rawValue)
    LocalAPIC.send(Vector.wake, to: UInt32(processor))
  }

  /// Waits until another processor has begun the last command that it was sent.
  static func waitForAcknowledgement(_ processor: Int, deadline: UInt64) -> Bool {
    let box = probe_mailbox_of(UInt32(processor))!
    while probe_mailbox_pending(box) != 0 {
      if nm_tsc() > deadline { return false }
      nm_pause()
    }
    return true
  }
}

/// What a processor other than the first can be told to do. Every command lasts until the next one.
enum ProcessorCommand: UInt64 {
  /// Spins, watching its mailbox.
  case idle = 1
  /// Halts; an interrupt wakes it for a look at its mailbox.
  case halt = 2
  /// Halts as well: what a processor does that nobody needs.
  case park = 3
}

/// Where processors other than the first arrive at CPL 3.
@_cdecl("probe_processor_main")
func processorMain(_ processor: UInt32) {
  LocalAPIC.enable()
  probe_count_alive()
  let box = probe_mailbox_of(processor)!
  while true {
    switch ProcessorCommand(rawValue: probe_mailbox_take(box)) {
    case .halt, .park, nil:
      let slot = probe_interrupt_slot(Vector.wake)
      let seen = probe_interrupt_count(Vector.wake)
      if probe_mailbox_pending(box) == 0 { _ = probe_gate(UInt64(GATE_WAIT), slot, seen, 0) }
    case .idle: nm_pause()
    }
  }
}
