/// A piece of the memory map that a guest is given.
public struct MemoryRange: Sendable, Hashable {
  /// What is there, by the numbers of the BIOS's call E820 (ACPI 6.4 §15).
  public enum Kind: UInt32, Sendable {
    case ram = 1
    case reserved = 2
  }

  public var start: UInt64
  public var count: UInt64
  public var kind: Kind

  public init(_ range: Range<UInt64>, _ kind: Kind) {
    (start, count, self.kind) = (range.lowerBound, range.upperBound - range.lowerBound, kind)
  }
}
