import CProbe

/// The processor's own interrupt controller, through its xAPIC page (Intel SDM vol. 3 §10.4).
enum LocalAPIC {
  private static let base: UInt64 = 0xfee0_0000
  private enum Register {
    static let identifier: UInt64 = base + 0x20
    static let taskPriority: UInt64 = base + 0x80
    static let spurious: UInt64 = base + 0xf0
    static let commandLow: UInt64 = base + 0x300
    static let commandHigh: UInt64 = base + 0x310
    static let timer: UInt64 = base + 0x320
    static let initialCount: UInt64 = base + 0x380
    static let currentCount: UInt64 = base + 0x390
    static let divide: UInt64 = base + 0x3e0
  }
  private static let selfShorthand: UInt32 = 1 << 18
  private static let assert: UInt32 = 1 << 14
  private static let masked: UInt32 = 1 << 16
  private static let deliveryPending: UInt32 = 1 << 12
  private static let deadlineMode: UInt32 = 2 << 17

  /// The model-specific register that arms the timer in deadline mode.
  static let deadlineRegister: UInt64 = 0x6e0

  static var identifier: UInt32 { probe_mmio_read(Register.identifier) >> 24 }

  /// Accepts interrupts.
  static func enable() {
    probe_mmio_write(Register.taskPriority, 0)
    probe_mmio_write(Register.spurious, 0x100 | UInt32(VECTOR_SPURIOUS))
  }

  static func sendToSelf(_ vector: UInt32) {
    probe_mmio_write(Register.commandLow, selfShorthand | assert | vector)
  }

  static func send(_ vector: UInt32, to processor: UInt32) {
    probe_mmio_write(Register.commandHigh, processor << 24)
    probe_mmio_write(Register.commandLow, assert | vector)
  }

  /// INIT, then one SIPI: the sequence of the SDM without its delays, which no virtual processor needs.
  static func start(_ processor: UInt32, page: UInt32) {
    probe_mmio_write(Register.commandHigh, processor << 24)
    probe_mmio_write(Register.commandLow, 0x4500)
    probe_mmio_write(Register.commandHigh, processor << 24)
    probe_mmio_write(Register.commandLow, 0x4600 | page)
  }

  /// One interrupt after `count` ticks of the timer's own clock, divided by 1.
  static func armTimer(_ vector: UInt32, count: UInt32) {
    probe_mmio_write(Register.divide, 0b1011)
    probe_mmio_write(Register.timer, vector)
    probe_mmio_write(Register.initialCount, count)
  }

  /// The timer takes its time from the deadline register.
  static func useDeadline(_ vector: UInt32) {
    probe_mmio_write(Register.timer, deadlineMode | vector)
  }

  static func stopTimer() {
    probe_mmio_write(Register.timer, masked)
    probe_mmio_write(Register.initialCount, 0)
  }
}
