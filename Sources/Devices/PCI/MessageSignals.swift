import Synchronization

/// MSI-X (PCI 3.0 §6.8.2): the vectors' table, the pending bits and the enable and mask bits of the capability.
///
/// The guest's writes become messages for the machine, one vector at a time and only where something changed. A device
/// signals from any thread; a signal to a masked vector stays pending until the guest unmasks it.
public final class MessageSignals: Sendable {
  /// Capability identifier.
  static let identifier: UInt8 = 0x11
  /// Most vectors of a function.
  public static let limit = 2048

  /// One vector as the guest wrote it, and as the machine knows it.
  struct Vector {
    /// Address low and high, data, control: the table entry's four registers. Vectors start masked.
    var registers: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 1)
    var isPending = false
    var installed: InterruptMessage?

    var isMasked: Bool { registers.3 & 1 != 0 }
    var message: InterruptMessage {
      InterruptMessage(address: UInt64(registers.0) | UInt64(registers.1) << 32, data: registers.2)
    }
  }

  struct State {
    var vectors: [Vector]
    var isEnabled = false
    var isFunctionMasked = false
  }

  /// Number of vectors.
  public let count: Int
  private let interrupts: any MessageInterrupts
  private let state: Mutex<State>

  /// Makes a table of masked vectors.
  /// - Parameters:
  ///   - count: 1 to 2048.
  ///   - interrupts: where messages go.
  public init(count: Int, interrupts: any MessageInterrupts) {
    precondition((1...Self.limit).contains(count), "MSI-X has 1 to 2048 vectors")
    self.count = count
    self.interrupts = interrupts
    state = Mutex(State(vectors: [Vector](repeating: Vector(), count: count)))
  }

  /// Whether the guest uses MSI-X rather than the interrupt line.
  public var isEnabled: Bool { state.withLock { $0.isEnabled } }

  /// Raises a vector, or marks it pending while it is masked. Does nothing while MSI-X is off or for a vector that is
  /// not there, such as the one by which a guest says "none".
  public func signal(_ vector: Int) {
    state.withLock { state in
      guard state.isEnabled, state.vectors.indices.contains(vector) else { return }
      if state.vectors[vector].installed != nil {
        interrupts.pulse(vector: vector)
      } else {
        state.vectors[vector].isPending = true
      }
    }
  }

  /// An eventfd that raises a vector, but does not mark a masked one pending; nil while MSI-X is off, and where there is none.
  func event(_ vector: Int) -> Int32? {
    state.withLock { state in
      state.isEnabled && state.vectors.indices.contains(vector) ? interrupts.event(vector: vector) : nil
    }
  }

  // MARK: Capability

  /// The capability's bytes after identifier and link: message control, table and pending-bit locations.
  func capabilityBody(bar: Int, tableOffset: UInt32, pendingOffset: UInt32) -> [UInt8] {
    var body = [UInt8(truncatingIfNeeded: count - 1), UInt8(truncatingIfNeeded: (count - 1) >> 8)]
    for location in [tableOffset | UInt32(bar), pendingOffset | UInt32(bar)] {
      for shift in stride(from: UInt32(0), to: 32, by: 8) { body.append(UInt8(truncatingIfNeeded: location >> shift)) }
    }
    return body
  }

  /// Message control: table size less one, function mask (bit 14), enable (bit 15).
  var control: UInt16 {
    state.withLock {
      UInt16(count - 1) | ($0.isFunctionMasked ? 1 << 14 : 0) | ($0.isEnabled ? 1 << 15 : 0)
    }
  }

  /// Takes the writable bits of message control.
  func setControl(_ value: UInt16) {
    state.withLock { state in
      state.isFunctionMasked = value & 1 << 14 != 0
      state.isEnabled = value & 1 << 15 != 0
      if !state.isEnabled { for vector in state.vectors.indices { state.vectors[vector].isPending = false } }
      for vector in state.vectors.indices { install(vector, &state) }
    }
  }

  // MARK: Table and pending bits

  /// One of a vector's four registers.
  func register(_ vector: Int, _ index: Int) -> UInt32 {
    state.withLock { state in
      let registers = state.vectors[vector].registers
      switch index {
      case 0: return registers.0
      case 1: return registers.1
      case 2: return registers.2
      default: return registers.3
      }
    }
  }

  /// Changes one of a vector's four registers. The low two bits of the address stay zero and only the mask bit of
  /// control can be written.
  func setRegister(_ vector: Int, _ index: Int, _ value: UInt32) {
    state.withLock { state in
      switch index {
      case 0: state.vectors[vector].registers.0 = value & ~3
      case 1: state.vectors[vector].registers.1 = value
      case 2: state.vectors[vector].registers.2 = value
      default: state.vectors[vector].registers.3 = value & 1
      }
      install(vector, &state)
    }
  }

  /// Pending bits of 64 vectors from `64 * word`.
  func pending(_ word: Int) -> UInt64 {
    state.withLock { state in
      var bits: UInt64 = 0
      for bit in 0..<64 where word * 64 + bit < state.vectors.count && state.vectors[word * 64 + bit].isPending {
        bits |= 1 << UInt64(bit)
      }
      return bits
    }
  }

  /// Tells the machine a vector's message where it changed, and delivers what was pending once it can.
  private func install(_ vector: Int, _ state: inout State) {
    let isOpen = state.isEnabled && !state.isFunctionMasked && !state.vectors[vector].isMasked
    let message = isOpen ? state.vectors[vector].message : nil
    if message != state.vectors[vector].installed {
      state.vectors[vector].installed = message
      interrupts.set(vector: vector, message: message)
    }
    if message != nil, state.vectors[vector].isPending {
      state.vectors[vector].isPending = false
      interrupts.pulse(vector: vector)
    }
  }
}
