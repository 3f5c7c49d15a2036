import Synchronization

/// How the PIIX3 leads PCI's four interrupt lines to ISA's interrupts (Intel 82371SB datasheet, registers PIRQRC of the ISA bridge), which
/// firmware sets. An interrupt that several lines are led to is high while any of them is.
public final class InterruptRouter: BusDevice, Sendable {
  /// Offsets in the ISA bridge's configuration space.
  public static let registers = 0x60..<0x64

  /// Bits of a register.
  private enum Route {
    static let isOff: UInt8 = 0x80
    static let interrupt: UInt8 = 0x0f
    static let kept: UInt8 = 0x8f
  }

  /// Interrupts that a line can be led to; the others are ISA's own.
  private static let routable: Set<Int> = [3, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15]

  private struct State {
    var routes = [UInt8](repeating: Route.isOff, count: registers.count)
    /// Devices that hold each line high.
    var holders = [Int](repeating: 0, count: registers.count)
    var isHigh = [Bool](repeating: false, count: 16)
  }

  private let state = Mutex(State())
  private let interrupts: [any InterruptLine]

  /// - Parameter interrupts: ISA's 16, as levels.
  public init(_ interrupts: [any InterruptLine]) {
    precondition(interrupts.count == 16, "ISA has 16 interrupts")
    self.interrupts = interrupts
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    state.withLock { state in
      width.read(state.routes, at: offset, absent: 0)
    }
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    state.withLock { state in
      width.split(value, at: offset, in: state.routes.indices) { state.routes[$0] = $1 & Route.kept }
      update(&state)
    }
  }

  /// INTA# of a device on bus 0: an input of the IOAPIC that is its own, and the line that its number gives it, as boards of the family
  /// are wired. An operating system uses one of the two.
  /// - Parameters:
  ///   - direct: the input.
  ///   - device: its number on the bus, from 0.
  public func line(beside direct: any InterruptLine, device: Int) -> any InterruptLine {
    RoutedLine(direct, self, line: (device + 3) % Self.registers.count)
  }

  fileprivate func change(_ line: Int, by difference: Int) {
    state.withLock { state in
      state.holders[line] += difference
      update(&state)
    }
  }

  private func update(_ state: inout State) {
    for interrupt in Self.routable.sorted() {
      let isHigh = state.routes.indices.contains { line in
        state.holders[line] > 0 && state.routes[line] & Route.isOff == 0
          && Int(state.routes[line] & Route.interrupt) == interrupt
      }
      guard isHigh != state.isHigh[interrupt] else { continue }
      state.isHigh[interrupt] = isHigh
      if isHigh { interrupts[interrupt].pulse() } else { interrupts[interrupt].lower() }
    }
  }
}

/// See `InterruptRouter.line`.
private final class RoutedLine: InterruptLine {
  private let direct: any InterruptLine
  private let router: InterruptRouter
  private let line: Int
  private let isHigh = Mutex(false)

  init(_ direct: any InterruptLine, _ router: InterruptRouter, line: Int) {
    (self.direct, self.router, self.line) = (direct, router, line)
  }

  func pulse() { set(true) }
  func lower() { set(false) }

  private func set(_ level: Bool) {
    isHigh.withLock { isHigh in
      if level { direct.pulse() } else { direct.lower() }
      guard level != isHigh else { return }
      isHigh = level
      router.change(line, by: level ? 1 : -1)
    }
  }
}
