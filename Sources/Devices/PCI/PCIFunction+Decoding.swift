extension PCIFunction {
  /// Moves every region to where the command register and its base address say it belongs. All that move leave their
  /// old places first, so that two regions can trade theirs.
  func updateDecoding() {
    let wanted = baseAddresses.indices.map { wantedRange($0) }
    let moving = baseAddresses.indices.filter { baseAddresses[$0] != nil && baseAddresses[$0]?.mapped != wanted[$0] }
    for index in moving where baseAddresses[index]?.mapped != nil { unmap(index) }
    for index in moving {
      if let range = wanted[index] { map(index, at: range) }
      regionMoved?(index, baseAddresses[index]?.mapped)
    }
  }

  /// The range that a region would decode now, nil where it is turned off or its base is no place for it.
  private func wantedRange(_ index: Int) -> Range<UInt64>? {
    guard let base = baseAddresses[index] else { return nil }
    let enable = base.space == .ports ? Command.ports : Command.memory
    guard command & enable != 0 else { return nil }
    return base.range(register: baseAddressRegister(index))
  }

  /// A base address register's value, both halves where it has two.
  func baseAddressRegister(_ index: Int) -> UInt64 {
    let offset = Register.baseAddresses.lowerBound + index * 4
    let low = UInt64(space.read(offset, width: .long))
    guard baseAddresses[index]?.kind == .memory64 else { return low }
    return low | UInt64(space.read(offset + 4, width: .long)) << 32
  }

  private func unmap(_ index: Int) {
    guard let base = baseAddresses[index] else { return }
    host?.detach(base.device, space: base.space)
    baseAddresses[index]?.mapped = nil
  }

  private func map(_ index: Int, at range: Range<UInt64>) {
    guard let base = baseAddresses[index], let host else { return }
    let label = "\(name) base address \(index)"
    if host.attach(base.device, name: label, space: base.space, at: range) { baseAddresses[index]?.mapped = range }
  }
}

extension PCIFunction {
  /// Says which input of the interrupt controllers the function's pin is wired to, as firmware would (PCI 3.0 §6.2.4).
  public func setInterruptLine(_ line: UInt8) {
    space.set(line, at: Register.interruptLine)
  }
}
