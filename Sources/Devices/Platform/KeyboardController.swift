/// A PC's 8042 with a keyboard on which nobody types, and no mouse (IBM PS/2 Hardware Interface Technical Reference, "Keyboard and
/// Auxiliary Device Controller"). Ports 0x60 and 0x64. It resets the machine.
public final class KeyboardController {
  /// Bits of the status register.
  private enum Status {
    static let outputFull: UInt8 = 0x01
    static let systemFlag: UInt8 = 0x04
    static let lastWasCommand: UInt8 = 0x08
    static let notInhibited: UInt8 = 0x10
  }

  /// Bits of the command byte.
  private enum Setting {
    static let keyboardInterrupt: UInt8 = 0x01
    static let systemFlag: UInt8 = 0x04
    static let keyboardDisabled: UInt8 = 0x10
    static let auxiliaryDisabled: UInt8 = 0x20
    static let translates: UInt8 = 0x40
  }

  private static let acknowledge: UInt8 = 0xfa
  /// Most answers that wait for the guest.
  private static let limit = 16

  /// For port 0x60.
  public var data: any BusDevice { Port(self, isCommand: false) }
  /// For port 0x64.
  public var command: any BusDevice { Port(self, isCommand: true) }

  private let interrupt: (any InterruptLine)?
  private let reset: () -> Void
  private var settings =
    Setting.systemFlag | Setting.auxiliaryDisabled | Setting.translates
    | Setting.keyboardInterrupt
  private var output: [UInt8] = []
  /// The last byte that was taken: it can be read again.
  private var last: UInt8 = 0
  private var wasCommand = false
  /// The command of the controller that waits for its data.
  private var waitingCommand: UInt8?
  /// The keyboard's command that waits for its argument.
  private var keyboardWaits = false

  /// - Parameters:
  ///   - interrupt: IRQ 1; nil for a machine whose guest polls.
  ///   - reset: called when the guest resets the machine.
  public init(interrupt: (any InterruptLine)? = nil, reset: @escaping () -> Void) {
    self.interrupt = interrupt
    self.reset = reset
  }

  private final class Port: BusDevice {
    private let controller: KeyboardController
    private let isCommand: Bool

    init(_ controller: KeyboardController, isCommand: Bool) {
      self.controller = controller
      self.isCommand = isCommand
    }

    func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
      UInt64(isCommand ? controller.status : controller.take())
    }

    func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
      let byte = UInt8(truncatingIfNeeded: value)
      if isCommand { controller.perform(byte) } else { controller.give(byte) }
    }
  }

  private var status: UInt8 {
    Status.notInhibited | (settings & Setting.systemFlag) | (wasCommand ? Status.lastWasCommand : 0)
      | (output.isEmpty ? 0 : Status.outputFull)
  }

  private func take() -> UInt8 {
    guard !output.isEmpty else { return last }
    last = output.removeFirst()
    if !output.isEmpty { notify() }
    return last
  }

  /// Has the guest find an answer.
  private func answer(_ bytes: UInt8...) {
    let wasEmpty = output.isEmpty
    output += bytes.prefix(Self.limit - output.count)
    if wasEmpty { notify() }
  }

  private func notify() {
    if settings & Setting.keyboardInterrupt != 0 { interrupt?.pulse() }
  }

  /// A command to the controller.
  private func perform(_ byte: UInt8) {
    wasCommand = true
    waitingCommand = nil
    switch byte {
    case 0x20: answer(settings)
    case 0x60, 0xd1, 0xd2, 0xd3, 0xd4: waitingCommand = byte
    case 0xa7: settings |= Setting.auxiliaryDisabled
    case 0xa8: settings &= ~Setting.auxiliaryDisabled
    case 0xa9: answer(0xff)  // there is no auxiliary device to be tested
    case 0xaa:
      output.removeAll()
      settings |= Setting.systemFlag
      answer(0x55)
    case 0xab: answer(0)
    case 0xad: settings |= Setting.keyboardDisabled
    case 0xae: settings &= ~Setting.keyboardDisabled
    case 0xc0: answer(0x80)
    case 0xd0: answer(0x03)  // A20 is on, and no reset
    // The outputs of the low four bits are pulsed where they are zero; the lowest is the reset.
    case 0xf0...0xff where byte & 1 == 0: reset()
    default: break
    }
  }

  /// A byte at the data port: a command's argument, or the keyboard's.
  private func give(_ byte: UInt8) {
    wasCommand = false
    guard let command = waitingCommand else { return keyboard(byte) }
    waitingCommand = nil
    switch command {
    case 0x60: settings = byte
    case 0xd1: if byte & 1 == 0 { reset() }
    case 0xd2: answer(byte)
    default: break  // an auxiliary device that is not there
    }
  }

  /// What the keyboard answers (IBM PS/2 Hardware Interface Technical Reference, "Keyboards").
  private func keyboard(_ byte: UInt8) {
    settings &= ~Setting.keyboardDisabled
    if keyboardWaits {
      keyboardWaits = false
      return answer(Self.acknowledge)
    }
    switch byte {
    case 0xed, 0xf0, 0xf3, 0xfb, 0xfc, 0xfd:
      keyboardWaits = true
      answer(Self.acknowledge)
    case 0xee: answer(0xee)
    case 0xf2: answer(Self.acknowledge, 0xab, settings & Setting.translates != 0 ? 0x41 : 0x83)
    case 0xfe: answer(last)
    case 0xff: answer(Self.acknowledge, 0xaa)
    default: answer(Self.acknowledge)
    }
  }
}
