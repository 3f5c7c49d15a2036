/// What a device decodes or is wired to, as the buffer that `_CRS` returns (ACPI 6.4 §6.4).
public struct ResourceTemplate: Sendable {
  private var bytes: [UInt8] = []

  public init() {}

  /// The template as a value, with its end tag (§6.4.2.9); a checksum of zero counts as right.
  public var value: AML { .buffer(bytes + [0x79, 0]) }

  /// A fixed range of ports, all 16 address bits decoded (§6.4.2.5).
  public mutating func addPorts(_ range: Range<UInt16>) {
    precondition(range.count <= 255, "the descriptor counts ports in a byte")
    bytes += [0x47, 1] + littleEndian(range.lowerBound) + littleEndian(range.lowerBound) + [1, UInt8(range.count)]
  }

  /// An ISA interrupt, edge-triggered and its own (§6.4.2.1).
  public mutating func addISAInterrupt(_ line: Int) {
    precondition((0..<16).contains(line), "ISA has 16 interrupts")
    bytes += [0x22] + littleEndian(UInt16(1) << UInt16(line))
  }

  /// A fixed range of memory addresses that can be read and written (§6.4.3.4).
  public mutating func addMemory(_ start: UInt32, size: UInt32) {
    bytes += [0x86] + littleEndian(UInt16(9)) + [1] + littleEndian(start) + littleEndian(size)
  }

  /// An input of the IOAPIC, edge-triggered, active high and its own (§6.4.3.6).
  public mutating func addEdgeInterrupt(_ input: UInt32) {
    bytes += [0x89] + littleEndian(UInt16(6)) + [0x03, 1] + littleEndian(input)
  }

  /// The bus numbers below a bridge (§6.4.3.5.3).
  public mutating func addBuses(_ range: ClosedRange<UInt16>) { addWordWindow(kind: 2, flags: 0, range) }

  /// Ports that a bridge passes on (§6.4.3.5.3).
  public mutating func addPortWindow(_ range: ClosedRange<UInt16>) { addWordWindow(kind: 1, flags: 3, range) }

  /// Memory addresses that a bridge passes on (§6.4.3.5.2).
  public mutating func addMemoryWindow(_ range: ClosedRange<UInt32>) {
    bytes += [0x87] + littleEndian(UInt16(0x17)) + [0, Self.fixedProducer, 1]
    for value in [0, range.lowerBound, range.upperBound, 0, range.upperBound - range.lowerBound + 1] {
      bytes += littleEndian(value)
    }
  }

  /// Neither end of a window moves.
  private static let fixedProducer: UInt8 = 0x0c

  private mutating func addWordWindow(kind: UInt8, flags: UInt8, _ range: ClosedRange<UInt16>) {
    bytes += [0x88] + littleEndian(UInt16(0x0d)) + [kind, Self.fixedProducer, flags]
    for value in [0, range.lowerBound, range.upperBound, 0, range.upperBound - range.lowerBound + 1] {
      bytes += littleEndian(value)
    }
  }
}
