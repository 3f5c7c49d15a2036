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

  /// Starts the other processors, up to `limit` in all, and returns how many there are. One after the other, since each takes the
  /// next number when it arrives and is sent interrupts by it. Waits at most half a second for each: nobody says beforehand how many
  /// the machine has.
  static func startOthers(limit: UInt32, ticksPerMillisecond: UInt64) -> UInt32 {
    guard limit > 1 else { return 1 }
    describeTasks()
    let size = probe_trampoline_size()
    let target = UnsafeMutableRawPointer(bitPattern: UInt(PROBE_TRAMPOLINE))!
    target.copyMemory(from: probe_trampoline(), byteCount: Int(size))
    for processor in 1..<limit {
      LocalAPIC.start(processor, page: UInt32(PROBE_TRAMPOLINE >> 12))
      let deadline = nm_tsc() + 500 * ticksPerMillisecond
      while probe_alive() <= processor {
        if nm_tsc() > deadline { return processor }
        nm_pause()
      }
    }
    return limit
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
    LocalAPIC.send(Vector.shared, to: UInt32(processor))
  }

  /// Has another processor that does not work call a function; returns at once.
  static func start(
    _ processor: Int, _ work: @convention(c) (UnsafeMutableRawPointer?) -> Void, _ argument: UnsafeMutableRawPointer?
  ) {
    let box = probe_mailbox_of(UInt32(processor))!
    box.pointee.work = work
    box.pointee.argument = argument
    command(processor, .work)
  }

  /// Whether another processor has not begun the last command that it was sent, or not ended it where that is work.
  static func isPending(_ processor: Int) -> Bool { probe_mailbox_pending(probe_mailbox_of(UInt32(processor))) != 0 }

  /// Waits until another processor has begun the last command that it was sent.
  static func waitForAcknowledgement(_ processor: Int, deadline: UInt64) -> Bool {
    while isPending(processor) {
      if nm_tsc() > deadline { return false }
      nm_pause()
    }
    return true
  }
}

/// What a processor other than the first can be told to do. Every command but work lasts until the next one.
enum ProcessorCommand: UInt64 {
  /// Spins, watching its mailbox.
  case idle = 1
  /// Halts; an interrupt wakes it for a look at its mailbox.
  case halt = 2
  /// Halts as well: what a processor does that nobody needs.
  case park = 3
  /// Calls a function once, then halts.
  case work = 4
}

/// Where processors other than the first arrive at CPL 3.
@_cdecl("probe_processor_main")
func processorMain(_ processor: UInt32) {
  LocalAPIC.enable()
  probe_count_alive()
  let box = probe_mailbox_of(processor)!
  while true {
    let command = ProcessorCommand(rawValue: probe_mailbox_command(box))
    if command == .work {
      if probe_mailbox_pending(box) != 0 { probe_mailbox_work(box) }
    } else {
      _ = probe_mailbox_take(box)
    }
    if command == .idle {
      nm_pause()
    } else {
      let slot = probe_interrupt_slot(Vector.shared)
      let seen = probe_interrupt_count(Vector.shared)
      if probe_mailbox_pending(box) == 0 { _ = probe_gate(UInt64(GATE_WAIT), slot, seen, 0) }
    }
  }
}
