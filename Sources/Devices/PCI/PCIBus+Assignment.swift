extension PCIBus {
  /// Gives every region a place and turns decoding on, as firmware does before an operating system starts: guests that
  /// boot without firmware find their devices ready. Larger regions go first, each aligned to its size.
  /// - Parameters:
  ///   - ports: free ports, above the chipset's own.
  ///   - memory: free guest-physical addresses below 4 GiB.
  /// - Throws: `PCISpaceExhausted` where the ranges given do not hold all regions.
  public func assignBaseAddresses(ports: Range<UInt64>, memory: Range<UInt64>) throws(PCISpaceExhausted) {
    var free = [PCISpace.ports: ports, PCISpace.memory: memory]
    let regions = all.flatMap { function in
      function.baseAddresses.indices.compactMap { index in
        function.baseAddresses[index].map { (function: function, index: index, size: $0.size, space: $0.space) }
      }
    }
    for region in regions.sorted(by: { $0.size > $1.size }) {
      let range = free[region.space] ?? 0..<0
      let start = (range.lowerBound + region.size - 1) & ~(region.size - 1)
      guard start <= range.upperBound, region.size <= range.upperBound - start else {
        throw PCISpaceExhausted(name: region.function.name, space: region.space, size: region.size)
      }
      free[region.space] = start + region.size..<range.upperBound
      region.function.assign(region.index, start)
    }
    for function in all where function.baseAddresses.contains(where: { $0 != nil }) {
      function.write(PCIFunction.Register.command, width: .word, value: UInt32(function.command | 0x3))
    }
  }
}

extension PCIFunction {
  /// Writes a base address register as a guest would.
  fileprivate func assign(_ index: Int, _ base: UInt64) {
    let offset = Register.baseAddresses.lowerBound + index * 4
    write(offset, width: .long, value: UInt32(truncatingIfNeeded: base))
    if baseAddresses[index]?.kind == .memory64 {
      write(offset + 4, width: .long, value: UInt32(truncatingIfNeeded: base >> 32))
    }
  }
}

/// The address space for PCI regions is too small for the devices of a machine.
public struct PCISpaceExhausted: Error, CustomStringConvertible {
  public let name: String
  public let space: PCISpace
  public let size: UInt64

  public var description: String {
    "no \(size) bytes of \(space.rawValue) are left for \(name). Give the machine fewer devices."
  }
}
