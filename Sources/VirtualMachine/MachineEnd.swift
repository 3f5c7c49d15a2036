/// How a machine's run ended.
public enum MachineEnd: Sendable, Equatable {
  /// The guest wrote this to the debug-exit port.
  case exited(UInt32)
  /// The guest asked for a reset.
  case reset
  /// The guest did something that no machine survives; the reason has the exit and the instruction pointer.
  case failed(String)
  /// The guest had not ended at the deadline; the reason has what every vCPU was doing.
  case timedOut(String)
  /// `stop` was called from outside.
  case stopped
}
