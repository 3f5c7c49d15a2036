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

  /// What firmware boots from a network interface by.
  /// - Parameters:
  ///   - path: of the user; nil for the package's.
  ///   - isE1000: whether the interface is an e1000; virtio-pci's else.
  static func readOptionROM(_ path: String?, isE1000: Bool) throws(GuestError) -> OptionROM {
    let standard = "/usr/lib/ipxe/qemu/pxe-\(isE1000 ? "e1000" : "virtio").rom"
    if path == nil, FileKind(standard) == nil {
      throw .unavailable(
        "there is no option ROM \(standard): install Debian's package ipxe-qemu, or give another one by boot=FILE")
    }
    let name = path ?? standard
    do {
      return try OptionROM(try AtomicFile.read(name), name: name)
    } catch { throw .input("\(error)") }
  }
}
