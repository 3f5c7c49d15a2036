import Synchronization

/// A 16550 UART whose transmitter is always empty (National Semiconductor PC16550D). It knows no bus. What it is given to receive
/// waits in its own buffer, which is larger than the sixteen bytes that the guest knows of. Any thread may give it bytes.
public final class SerialPort: BusDevice {
  enum Register {
    static let data: UInt64 = 0
    static let interruptEnable: UInt64 = 1
    /// Read: interrupt identification; written: FIFO control.
    static let interruptIdentification: UInt64 = 2
    static let lineControl: UInt64 = 3
    static let modemControl: UInt64 = 4
    static let lineStatus: UInt64 = 5
    static let modemStatus: UInt64 = 6
    static let scratch: UInt64 = 7
  }

  /// Bytes that wait for the guest at most.
  public static let receiveLimit = 4096

  private let transmit: (UInt8) -> Void
  private let interrupt: (any InterruptLine)?
  private let state = Mutex(SerialState())

  /// - Parameters:
  ///   - transmit: takes every byte that the guest sends; called on the vCPU's thread.
  ///   - interrupt: rises with each interrupt; nil for a port whose user polls.
  public init(interrupt: (any InterruptLine)? = nil, transmit: @escaping (UInt8) -> Void) {
    self.interrupt = interrupt
    self.transmit = transmit
  }

  /// Gives the guest bytes to receive.
  /// - Returns: how many were taken; the others find no room now.
  public func receive(_ bytes: some Collection<UInt8>) -> Int {
    let (taken, rises) = state.withLock { state in
      let taken = state.receive(bytes, limit: Self.receiveLimit)
      return (taken, state.updateLine())
    }
    if rises { interrupt?.pulse() }
    return taken
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    let (value, rises) = state.withLock { state in (state.read(offset), state.updateLine()) }
    if rises { interrupt?.pulse() }
    return UInt64(value)
  }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    let byte = UInt8(truncatingIfNeeded: value)
    let (isSent, rises) = state.withLock { state in (state.write(offset, byte), state.updateLine()) }
    if isSent { transmit(byte) }
    if rises { interrupt?.pulse() }
  }
}
