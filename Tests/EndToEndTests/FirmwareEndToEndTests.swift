import Foundation
import Testing

extension EndToEnd {
  /// Debian's SeaBIOS on this host's KVM, which boots a disk of a few instructions; GRUB and Linux are booted in the lane on SVM.
  @Suite("Firmware", .serialized)
  struct FirmwareTests {
    private static let isThere = FileManager.default.fileExists(atPath: "/usr/share/seabios/bios-256k.bin")
    private static let canBoot = Tool.hasKVM && isThere

    /// A disk whose first sector has the BIOS read the next one and say what is there, and turns the machine off. SeaBIOS keeps the last
    /// character back until it knows what comes after.
    private static func disk(_ text: String, count: Int = 4 << 20) -> Data {
      let code: [UInt8] =
        [0x31, 0xc0, 0x8e, 0xd8, 0x8e, 0xc0]  // xor ax, ax; mov ds, ax; mov es, ax
        + [0xb8, 0x01, 0x02, 0xb9, 0x02, 0x00, 0xb6, 0x00]  // mov ax, 0x0201; mov cx, 2; mov dh, 0
        + [0xbb, 0x00, 0x7e, 0xcd, 0x13]  // mov bx, 0x7e00; int 0x13
        + [0xbe, 0x00, 0x7e]  // mov si, 0x7e00
        + [0xac, 0x84, 0xc0, 0x74, 0x09]  // next: lodsb; test al, al; jz off
        + [0xb4, 0x0e, 0xbb, 0x07, 0x00, 0xcd, 0x10]  // mov ah, 0x0e; mov bx, 7; int 0x10
        + [0xeb, 0xf2]  // jmp next
        + [0xba, 0x04, 0x06, 0xb8, 0x00, 0x34, 0xef, 0xeb, 0xfe]  // off: mov dx, 0x604; mov ax, 0x3400; out dx, ax
      let first = code + [UInt8](repeating: 0, count: 510 - code.count) + [0x55, 0xaa]
      return Data(first + Array(text.utf8)) + Data(count: count - 512 - text.utf8.count)
    }

    private func boot(_ words: [String], in folder: Folder) throws -> Tool.Outcome {
      try Tool.run(["boot", "--firmware", "--memory", "64M", "--timeout", "180"] + words, in: folder)
    }

    @Test(
      .enabled(if: canBoot, "needs /dev/kvm and the package seabios"),
      arguments: ["ide", "virtio-pci", "virtio-mmio"])
    func aDiskIsBootedBySeaBIOS(attachment: String) throws {
      let folder = try Folder()
      try Self.disk("booted by \(attachment).\r\n").write(to: URL(filePath: folder.path("disk")))
      let outcome = try boot(["--disk", "\(folder.path("disk")),\(attachment)"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.output.contains("SeaBIOS (version"), "\(outcome.output)")
      #expect(outcome.output.contains("booted by \(attachment)"), "\(outcome.output)")
      #expect(outcome.errors.contains("the guest turned the machine off"), "\(outcome.errors)")
    }

    @Test(.enabled(if: canBoot, "needs /dev/kvm and the package seabios"))
    func theFirstDiskIsBootedWhateverItIs() throws {
      let folder = try Folder()
      for name in ["one", "two"] { try Self.disk("disk \(name).\r\n").write(to: URL(filePath: folder.path(name))) }
      for (first, second) in [("one,virtio-pci", "two,ide"), ("one,ide", "two,virtio-pci")] {
        let outcome = try boot(
          ["--cpus", "2", "--disk", folder.path(first), "--disk", folder.path(second)], in: folder)
        #expect(outcome.output.contains("disk one") && !outcome.output.contains("disk two"), "\(outcome.output)")
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
    }
  }
}
