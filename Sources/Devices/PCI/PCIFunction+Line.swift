extension PCIFunction {
  /// Says which input of the interrupt controllers the function's pin is wired to, as firmware would (PCI 3.0 §6.2.4).
  public func setInterruptLine(_ line: UInt8) {
    space.set(line, at: Register.interruptLine)
  }
}
