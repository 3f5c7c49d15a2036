import ELF
import LinuxBoot
import LinuxSystem
import VirtualMachine

/// A kernel that a user gives: Linux's bzImage, or an ELF file with a PVH note.
enum GuestKernel {
  case linux(LinuxImage)
  case pvh(ELFImage, name: String)

  init(path: String) throws(GuestError) { try self.init(try Self.read(path), path: path) }

  /// - Parameters:
  ///   - bytes: of the whole file.
  ///   - path: what messages call it.
  init(_ bytes: [UInt8], path: String) throws(GuestError) {
    if bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) {
      let image: ELFImage
      do throws(ELFError) { image = try ELFImage(bytes, name: path) } catch { throw .input("\(error)") }
      guard image.pvhEntry != nil else {
        throw .input("\(path): an ELF file without a PVH note; expected one, or a bzImage such as /boot/vmlinuz-*")
      }
      self = .pvh(image, name: path)
    } else {
      do throws(LinuxBootError) { self = .linux(try LinuxImage(bytes, name: path)) } catch {
        throw .input(error.description)
      }
    }
  }

  /// Puts it into a machine.
  func load(into machine: Machine, commandLine: String, initrd: [UInt8]?) throws(MachineError) {
    switch self {
    case .linux(let image): try machine.load(image, commandLine: commandLine, initrd: initrd)
    case .pvh(let image, let name):
      try machine.load(image, name: name, commandLine: commandLine, module: initrd)
    }
  }

  static func read(_ path: String) throws(GuestError) -> [UInt8] {
    do throws(FileError) { return try AtomicFile.read(path) } catch { throw .input(error.description) }
  }
}

/// Why an operating system is not booted.
public enum GuestError: Error, CustomStringConvertible, Sendable {
  /// What the user gave cannot be had: a file, a combination.
  case input(String)
  /// The host lacks something.
  case unavailable(String)

  public var description: String {
    switch self {
    case .input(let line), .unavailable(let line): line
    }
  }

  /// What made a machine impossible: what it was to be made of, or the host.
  init(_ error: any Error) {
    switch error as? MachineError {
    case .load, .boot, .other: self = .input("\(error)")
    case .system, .overlap, nil: self = .unavailable("\(error)")
    }
  }
}
