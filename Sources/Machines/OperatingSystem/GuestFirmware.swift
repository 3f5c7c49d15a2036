import LinuxSystem
import VirtualMachine

/// Where firmware comes from.
public enum GuestFirmware {
  /// The image of Debian's package `seabios` that is made for machines of this family.
  public static let defaultPath = "/usr/share/seabios/bios-256k.bin"

  /// - Parameter path: of the user; nil for the package's.
  static func read(_ path: String?) throws(GuestError) -> FirmwareImage {
    if path == nil, FileKind(defaultPath) == nil {
      throw .unavailable(
        "there is no firmware \(defaultPath): install Debian's package seabios, or give another image by --bios FILE")
    }
    let name = path ?? defaultPath
    do {
      return try FirmwareImage(try AtomicFile.read(name), name: name)
    } catch { throw .input("\(error)") }
  }
}
