/// A firmware's image: what a PC has in the ROM at the end of the first 4 GiB.
public struct FirmwareImage: Sendable {
  /// Bytes that an image has: whole pieces of 64 KiB.
  public static let sizes: ClosedRange<Int> = 64 << 10...8 << 20
  static let sizeStep = 64 << 10
  /// Bytes from the end to the first instruction after a reset (Intel SDM volume 3, §10.1.4).
  private static let resetVector = 16

  public let bytes: [UInt8]

  /// - Parameters:
  ///   - bytes: the whole image.
  ///   - name: what messages call it.
  public init(_ bytes: [UInt8], name: String) throws(FirmwareError) {
    guard Self.sizes.contains(bytes.count), bytes.count % Self.sizeStep == 0 else {
      throw .size(name, bytes.count)
    }
    // What was erased reads as ones, and what was never written in a file as zeros.
    let first = bytes[bytes.count - Self.resetVector]
    guard first != 0, first != 0xff else { throw .noResetVector(name) }
    self.bytes = bytes
  }
}

/// A file that is no firmware.
public enum FirmwareError: Error, CustomStringConvertible, Sendable, Equatable {
  case size(String, Int)
  case noResetVector(String)
  case noOptionROM(String)
  /// The devices that a ROM and an interface are.
  case otherDevice(String, rom: String, interface: String)

  public var description: String {
    switch self {
    case .size(let name, let count):
      "\(name): no firmware: expected a multiple of 64 KiB up to 8 MiB, found \(count) bytes; Debian's SeaBIOS is bios-256k.bin"
    case .noResetVector(let name):
      "\(name): no firmware: expected an instruction 16 bytes before its end, where a processor starts, found none"
    case .noOptionROM(let name):
      "\(name): no option ROM: expected at most \(OptionROM.most >> 10) KiB that begin with 55 aa, and say what device they are for"
    case .otherDevice(let name, let rom, let interface):
      "\(name): expected an option ROM for \(interface), found one for \(rom)"
    }
  }
}
