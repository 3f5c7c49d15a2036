import ELF
import LinuxBoot
import LinuxSystem
import Multiboot
import VirtualMachine

/// A kernel that a user gives: Linux's bzImage, an ELF file with a PVH note, or a Multiboot kernel. A file that is several of them is the
/// first.
enum GuestKernel {
  case linux(LinuxImage)
  case pvh(ELFImage, name: String)
  case multiboot(MultibootImage, name: String)

  /// A file that goes with the kernel.
  struct File {
    var name: String
    var bytes: [UInt8]
  }

  init(path: String) throws(GuestError) { try self.init(try Self.read(path), path: path) }

  /// - Parameters:
  ///   - bytes: of the whole file.
  ///   - path: what messages call it.
  init(_ bytes: [UInt8], path: String) throws(GuestError) {
    if LinuxImage.isImage(bytes) {
      do throws(LinuxBootError) { self = .linux(try LinuxImage(bytes, name: path)) } catch {
        throw .input(error.description)
      }
      return
    }
    let elf = Result { () throws(ELFError) in try ELFImage(bytes, name: path) }
    if case .success(let image) = elf, image.pvhEntry != nil {
      self = .pvh(image, name: path)
    } else if MultibootImage.isImage(bytes) {
      do throws(MultibootError) { self = .multiboot(try MultibootImage(bytes, name: path), name: path) } catch {
        throw .input(error.description)
      }
    } else if case .failure(let error) = elf, ELFImage.isImage(bytes) {
      throw .input(error.description)
    } else {
      throw .input(
        "\(path): no kernel: expected a bzImage such as /boot/vmlinuz-*, an ELF file with a PVH note or a file with a Multiboot "
          + "header, found \(Self.describe(bytes))")
    }
  }

  private static func describe(_ bytes: [UInt8]) -> String {
    guard !bytes.isEmpty else { return "an empty file" }
    if ELFImage.isImage(bytes) { return "an ELF file with neither" }
    let first = bytes.prefix(4).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    return "a file of \(bytes.count) bytes that begins with \(first)"
  }

  /// By which Linux finds its console, and ends when it panics.
  static let words = ["console=ttyS0", "panic=-1"]

  /// Puts it into a machine. A kernel for operating systems gets ``words``; a Multiboot kernel its file's name, as its first word by custom.
  /// - Parameter words: of the user, behind those.
  func load(into machine: Machine, words: [String], initrd: File?) throws(MachineError) {
    let line = (Self.words + words).joined(separator: " ")
    switch self {
    case .linux(let image): try machine.load(image, commandLine: line, initrd: initrd?.bytes)
    case .pvh(let image, let name): try machine.load(image, name: name, commandLine: line, module: initrd?.bytes)
    case .multiboot(let image, let name):
      try machine.load(
        image, commandLine: ([Self.lastComponent(name)] + words).joined(separator: " "),
        modules: initrd.map { [.init($0.bytes, string: Self.lastComponent($0.name))] } ?? [])
    }
  }

  /// A path says something of the host; its last component something of the file.
  private static func lastComponent(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
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
    case .load, .boot, .multiboot, .other: self = .input("\(error)")
    case .system, .overlap, nil: self = .unavailable("\(error)")
    }
  }
}
