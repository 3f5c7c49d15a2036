/// What a virtual machine's firmware may ask about it: items by number, and files, which are items that have a name in a directory
/// (QEMU, docs/specs/fw_cfg.rst). Numbers without an item are empty.
public struct FirmwareItems: Sendable {
  /// Numbers of what is no file.
  public enum Selector {
    /// The device's own name.
    static let signature: UInt16 = 0x00
    /// Bits of what the device can do.
    static let features: UInt16 = 0x01
    /// Processors that are there at the start, 16 bits.
    public static let processors: UInt16 = 0x05
    /// Whether the user is asked what to boot, 16 bits.
    public static let bootMenu: UInt16 = 0x0e
    /// One more than the largest APIC identifier that may be there, 16 bits.
    public static let processorLimit: UInt16 = 0x0f
    static let directory: UInt16 = 0x19
    static let firstFile: UInt16 = 0x20
  }

  /// Both ways to the items are there: by the data port, and by DMA.
  private static let hasDMA: UInt32 = 0x3
  /// Bytes of a file's name in the directory, with the zero behind it.
  private static let nameSize = 56

  private var numbered: [UInt16: [UInt8]] = [:]
  private var files: [(name: String, bytes: [UInt8])] = []

  public init() {
    numbered[Selector.signature] = Array("QEMU".utf8)
    numbered[Selector.features] = (0..<4).map { UInt8(truncatingIfNeeded: Self.hasDMA >> ($0 * 8)) }
  }

  /// Puts a number of 16 bits in place.
  public mutating func set(_ selector: UInt16, to value: UInt16) {
    numbered[selector] = [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)]
  }

  /// Adds a file.
  /// - Parameters:
  ///   - name: up to 55 bytes, such as "etc/e820".
  ///   - bytes: what it holds.
  public mutating func add(_ name: String, _ bytes: [UInt8]) {
    precondition(name.utf8.count < Self.nameSize, "a name has less than 56 bytes")
    precondition(files.count < 1024, "files are few")
    files.append((name, bytes))
  }

  /// All items by their numbers, with the directory.
  var all: [UInt16: [UInt8]] {
    var all = numbered
    var directory = Self.bigEndian(UInt32(files.count))
    for (index, file) in files.enumerated() {
      let selector = Selector.firstFile + UInt16(index)
      all[selector] = file.bytes
      let name = Array(file.name.utf8)
      directory += Self.bigEndian(UInt32(file.bytes.count)) + Self.bigEndian(selector) + [0, 0]
      directory += name + [UInt8](repeating: 0, count: Self.nameSize - name.count)
    }
    all[Selector.directory] = directory
    return all
  }

  private static func bigEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (1...Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value(Value.bitWidth - 8 * $0)) }
  }
}
