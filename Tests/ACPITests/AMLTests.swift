import ACPI
import Testing

/// Encodings, by ACPI 6.4 chapter 20.
@Suite struct AMLTests {
  @Test(
    arguments: [
      (0, [0]), (1, [1]), (2, [0x0a, 2]), (0xff, [0x0a, 0xff]), (0x100, [0x0b, 0, 1]), (0xffff, [0x0b, 0xff, 0xff]),
      (0x1_0000, [0x0c, 0, 0, 1, 0]), (0x1_0000_0000, [0x0e, 0, 0, 0, 0, 1, 0, 0, 0]),
    ] as [(UInt64, [UInt8])])
  func numbersTakeTheLeastBytes(value: UInt64, bytes: [UInt8]) {
    #expect(AML.integer(value).bytes == bytes)
  }

  @Test(arguments: [("PNP0A03", 0x030a_d041), ("PNP0501", 0x0105_d041)] as [(String, UInt64)])
  func identifiersAreCompressed(text: String, value: UInt64) {
    #expect(AML.eisa(text).bytes == AML.integer(value).bytes)
  }

  @Test(
    arguments: [
      ("_SB", [0x5f, 0x53, 0x42, 0x5f]), ("\\_S5", [0x5c, 0x5f, 0x53, 0x35, 0x5f]),
      ("\\_SB.PCI0", [0x5c, 0x2e, 0x5f, 0x53, 0x42, 0x5f, 0x50, 0x43, 0x49, 0x30]),
      ("A.B.C", [0x2f, 3, 0x41, 0x5f, 0x5f, 0x5f, 0x42, 0x5f, 0x5f, 0x5f, 0x43, 0x5f, 0x5f, 0x5f]),
    ] as [(String, [UInt8])])
  func namesAreSegmentsOfFour(name: String, bytes: [UInt8]) {
    #expect(AML.name(name, .integer(0)).bytes == [0x08] + bytes + [0])
  }

  /// The length in front of a package, and how many bytes it takes itself.
  private func length(_ bytes: [UInt8]) -> (value: Int, size: Int) {
    let extra = Int(bytes[0] >> 6)
    if extra == 0 { return (Int(bytes[0]), 1) }
    let tail = (1...extra).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1 - 4) }
    return (Int(bytes[0] & 0xf) | tail, extra + 1)
  }

  @Test(arguments: [0, 1, 55, 58, 59, 60, 61, 62, 63, 64, 200, 4080, 4085, 4090, 4096, 70_000, 1_048_570, 1_048_600])
  func lengthsCountThemselves(count: Int) {
    let bytes = AML.buffer([UInt8](repeating: 0x55, count: count)).bytes
    let (value, size) = length(Array(bytes.dropFirst()))
    #expect(bytes[0] == 0x11)
    #expect(value == bytes.count - 1)
    let content = AML.integer(UInt64(count)).bytes + [UInt8](repeating: 0x55, count: count)
    #expect(Array(bytes.dropFirst(1 + size)) == content)
  }

  @Test func aPackageCountsItsElements() {
    #expect(AML.package([.integer(5), .integer(0)]).bytes == [0x12, 5, 2, 0x0a, 5, 0])
  }
}
