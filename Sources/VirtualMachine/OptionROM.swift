import Devices

/// The firmware of a device of its own, which a BIOS runs beside itself: what boots from a network (PCI Firmware Specification 3.0, §5.1).
public struct OptionROM: Sendable {
  /// Bytes of the longest: what there is room for below 1 MiB.
  public static let most = 192 << 10
  /// What the size in its third byte counts.
  private static let unit = 512
  /// Where the place of its data structure stands.
  private static let pointer = 0x18
  private static let signature: [UInt8] = [0x55, 0xaa]
  private static let dataSignature = Array("PCIR".utf8)

  let bytes: [UInt8]
  private let name: String
  /// The device that it is for.
  private let vendor: UInt16
  private let device: UInt16

  /// - Parameters:
  ///   - bytes: the whole image.
  ///   - name: what messages call it.
  public init(_ bytes: [UInt8], name: String) throws(FirmwareError) {
    func word(_ place: Int) -> Int { Int(bytes[place]) | Int(bytes[place + 1]) << 8 }
    guard bytes.count <= Self.most, bytes.count >= Self.unit, bytes.starts(with: Self.signature),
      Int(bytes[2]) * Self.unit <= bytes.count
    else { throw .noOptionROM(name) }
    let place = word(Self.pointer)
    guard place + 8 <= bytes.count, bytes[place..<place + 4].elementsEqual(Self.dataSignature) else {
      throw .noOptionROM(name)
    }
    (vendor, device) = (UInt16(word(place + 4)), UInt16(word(place + 6)))
    (self.bytes, self.name) = (bytes, name)
  }

  /// What SeaBIOS calls one that it has from a file (docs/Runtime_config.md).
  var fileName: String { "pci\(Self.digits(vendor)),\(Self.digits(device)).rom" }

  /// Refuses an interface that it is not for.
  func check(_ interface: PCIIdentity) throws(FirmwareError) {
    guard (vendor, device) == (interface.vendor, interface.device) else {
      throw .otherDevice(
        name, rom: "\(Self.digits(vendor)):\(Self.digits(device))",
        interface: "\(Self.digits(interface.vendor)):\(Self.digits(interface.device))")
    }
  }

  /// `1af4`.
  private static func digits(_ number: UInt16) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
