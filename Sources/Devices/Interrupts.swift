/// A line into the interrupt controller. Any thread may use it.
public protocol InterruptLine: Sendable {
  /// The line rises, which is all that an edge-triggered input sees.
  func pulse()
  /// The line falls, since the driver has seen to what it rose for: only a level-triggered input has to know.
  func lower()
}

extension InterruptLine {
  public func lower() {}
}

/// A message-signalled interrupt's address and data as the guest wrote them (PCI 3.0 §6.8.2).
public struct InterruptMessage: Hashable, Sendable {
  public var address: UInt64
  public var data: UInt32

  public init(address: UInt64, data: UInt32) {
    self.address = address
    self.data = data
  }
}

/// The message-signalled interrupts of one function. The device sets a vector's message as the guest programs it, nil while it
/// is masked; any thread may pulse a vector, which does nothing while it has no message.
public protocol MessageInterrupts: Sendable {
  func set(vector: Int, message: InterruptMessage?)
  func pulse(vector: Int)
  /// An eventfd that stands for `pulse`; nil where there is none.
  func event(vector: Int) -> Int32?
}

extension MessageInterrupts {
  public func event(vector: Int) -> Int32? { nil }
}
