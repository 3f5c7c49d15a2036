/// A port whose reads are answered by the harness, which may let the guest wait for as long as it likes.
public final class QuestionPort: BusDevice {
  private let answer: () -> UInt32

  /// - Parameter answer: gives the value of every read; called on the vCPU's thread.
  public init(_ answer: @escaping () -> UInt32) {
    self.answer = answer
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { UInt64(answer()) }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {}
}

/// A port whose writes only mean something to the harness: the end of the machine, or the edge of a measured window.
public final class SignalPort: BusDevice {
  private let signal: (UInt32) -> Void

  /// - Parameter signal: takes every value that the guest writes; called on the vCPU's thread.
  public init(_ signal: @escaping (UInt32) -> Void) {
    self.signal = signal
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { 0 }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    signal(UInt32(truncatingIfNeeded: value))
  }
}
