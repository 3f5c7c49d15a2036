import Foundation
import Testing

extension EndToEnd {
  /// `nearmetal boot` with guests of a few instructions, which every backend runs; Linux is booted in the lane on SVM.
  @Suite("Boot", .serialized)
  struct BootTests {
    private func boot(_ kernel: Data, _ options: String..., in folder: Folder) throws -> Tool.Outcome {
      try kernel.write(to: URL(filePath: folder.path("kernel")))
      return try Tool.run(
        ["boot", folder.path("kernel"), "--memory", "64M", "--timeout", "60"] + options, in: folder)
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func aGuestThatTurnsTheMachineOffIsASuccess() throws {
      let folder = try Folder()
      let outcome = try boot(TinyKernel.pvh(TinyKernel.say("hello\n") + TinyKernel.powerOff), in: folder)
      #expect(outcome.status == 0)
      #expect(outcome.output == "hello\n")
      #expect(outcome.errors.contains("the guest turned the machine off"))
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func theGuestsValueIsTheStatus() throws {
      let folder = try Folder()
      #expect(try boot(TinyKernel.pvh(TinyKernel.exit(5)), in: folder).status == 5)
      #expect(try boot(TinyKernel.pvh(TinyKernel.exit(0)), in: folder).status == 0)
      #expect(try boot(TinyKernel.pvh(TinyKernel.exit(200)), in: folder).status == 3)
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func aMultibootKernelIsToldItsNameAndTheWords() throws {
      let folder = try Folder()
      let outcome = try boot(
        TinyKernel.multiboot(TinyKernel.sayCommandLine + TinyKernel.exit(6)), "--append", "a=1", "--append", "b",
        in: folder)
      #expect(outcome.output == "kernel a=1 b")
      #expect(outcome.status == 6)
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func withTestDevicesTheStatusIsThatOfThePeersExitDevice() throws {
      let folder = try Folder()
      for (value, status) in [(0, 1), (1, 3), (38, 77), (200, 145)] as [(UInt8, Int32)] {
        let outcome = try boot(TinyKernel.multiboot(TinyKernel.exit(value)), "--test-devices", in: folder)
        #expect(outcome.status == status, "\(outcome.errors)")
      }
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func aGuestThatDiesIsToldWithItsPlaceAndItsLastLines() throws {
      let folder = try Folder()
      let outcome = try boot(TinyKernel.pvh(TinyKernel.say("one\ntwo\u{1b}[31m\n") + TinyKernel.undefined), in: folder)
      #expect(outcome.status == 3)
      for part in ["the guest died", "triple fault", "RIP 0x", "  one\n", "  two [31m\n"] {
        #expect(outcome.errors.contains(part), "\(outcome.errors)")
      }
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func aGuestThatDoesNotEndIsEnded() throws {
      let folder = try Folder()
      let outcome = try boot(TinyKernel.pvh(TinyKernel.say("on") + TinyKernel.spin), "--timeout", "1", in: folder)
      #expect(outcome.status == 3)
      #expect(
        outcome.errors.contains("had not ended after 1 s") && outcome.errors.contains("RIP 0x"), "\(outcome.errors)")
      #expect(outcome.output == "on")
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func aFloodOfTheConsoleIsBounded() throws {
      let folder = try Folder()
      let outcome = try boot(TinyKernel.pvh(TinyKernel.flood), "--console-limit", "4k", in: folder)
      #expect(outcome.status == 3)
      #expect(outcome.errors.contains("it sent more than 4k on its console"), "\(outcome.errors)")
      #expect(outcome.output.utf8.count <= 4096 + 65_536)
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func aDiskThatAnotherGuestHasIsRefused() throws {
      let folder = try Folder()
      try Data(count: 1 << 20).write(to: URL(filePath: folder.path("disk")))
      try TinyKernel.pvh(TinyKernel.say("up") + TinyKernel.spin).write(to: URL(filePath: folder.path("kernel")))
      let words = ["boot", folder.path("kernel"), "--memory", "64M", "--disk", folder.path("disk")]
      let holder = try Folder()
      let first = try Tool.start(words + ["--timeout", "60"], in: holder)
      defer { first.terminate() }
      while try holder.text("output").isEmpty, first.isRunning { usleep(10_000) }
      let second = try Tool.run(words, waits: false, in: folder)
      #expect(second.status == 64)
      #expect(second.errors.split(separator: "\n").count == 1 && second.errors.contains("disk"), "\(second.errors)")
    }

    private static let refusals: [(name: String, file: Data, options: [String], words: [String])] = [
      (
        "a text", Data("#!/bin/sh\necho no kernel\n".utf8), [],
        [
          "no kernel: expected a bzImage", "PVH note",
          "Multiboot header, found a file of 25 bytes that begins with 23 21 2f 62",
        ]
      ),
      ("nothing", Data(), [], ["no kernel: expected a bzImage", "found an empty file"]),
      (
        "an ELF file without a note or a header",
        Data(
          [0x7f, 0x45, 0x4c, 0x46] + TinyKernel.multiboot([0xf4]).dropFirst(4).prefix(80)
            + [UInt8](repeating: 0, count: 13)), [], ["found an ELF file with neither"]
      ),
      ("a Multiboot kernel for a display", TinyKernel.multiboot([0xf4], flags: 4), [], ["asks for a video mode"]),
      (
        "a Multiboot kernel over the tables", TinyKernel.multiboot([0xf4], start: 0xf_fff8), [],
        ["a part of it belongs at 0xffff8..<0x100005, which is not all RAM", "--memory"]
      ),
      ("a 32-bit kernel", TinyKernel.linux(features: 0), [], ["a 32-bit kernel", "expected one for x86-64"]),
      ("a damaged ELF file", TinyKernel.pvh([0xf4]).prefix(100), [], ["kernel"]),
      (
        "too little memory", TinyKernel.linux(features: 1), ["--memory", "16M"],
        ["does not fit into 16 MiB", "--memory"]
      ),
      ("an initial RAM disk that is not there", TinyKernel.linux(features: 1), ["--initrd", "/none"], ["/none"]),
      ("a disk that is not there", TinyKernel.linux(features: 1), ["--disk", "/none"], ["/none"]),
    ]

    @Test(arguments: refusals.indices)
    func whatCannotBeBootedIsRefusedInOneLine(index: Int) throws {
      let (name, file, options, words) = Self.refusals[index]
      // Whether a kernel fits is found out by a machine.
      if !Tool.hasKVM, ["too little memory", "a Multiboot kernel over the tables"].contains(name) { return }
      let folder = try Folder()
      try file.write(to: URL(filePath: folder.path("kernel")))
      let outcome = try Tool.run(["boot", folder.path("kernel")] + options, in: folder)
      #expect(outcome.status == 64, "\(name): \(outcome.errors)")
      #expect(outcome.errors.split(whereSeparator: \.isNewline).count == 1, "\(name): \(outcome.errors)")
      for word in words { #expect(outcome.errors.contains(word), "\(name): \(outcome.errors)") }
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func anInitialRAMDiskThatDoesNotFitIsRefused() throws {
      let folder = try Folder()
      try Data(count: 60 << 20).write(to: URL(filePath: folder.path("initrd")))
      let outcome = try boot(TinyKernel.linux(features: 1), "--initrd", folder.path("initrd"), in: folder)
      #expect(outcome.status == 64)
      #expect(outcome.errors.contains("the initial RAM disk of 60 MiB beside the kernel"), "\(outcome.errors)")
    }

    /// Real-mode code, and the jump to it where a processor starts.
    private func firmware(_ code: [UInt8]) -> Data {
      Data(
        code + [UInt8](repeating: 0xcc, count: 0xfff0 - code.count) + [0xe9, 0x0d, 0] + [UInt8](repeating: 0, count: 13)
      )
    }

    @Test(.enabled(if: Tool.hasKVM, "/dev/kvm is absent or closed to this user"))
    func firmwareOfAFileIsStarted() throws {
      let folder = try Folder()
      // mov dx, 0x3f8; mov al, '!'; out dx, al; mov al, 7; out 0xf4, al
      let code: [UInt8] = [0xba, 0xf8, 0x03, 0xb0, 0x21, 0xee, 0xb0, 7, 0xe6, 0xf4, 0xeb, 0xfe]
      try firmware(code).write(to: URL(filePath: folder.path("bios")))
      let outcome = try Tool.run(
        ["boot", "--firmware", "--bios", folder.path("bios"), "--memory", "64M", "--timeout", "60"], in: folder)
      #expect(outcome.status == 7, "\(outcome.errors)")
      #expect(outcome.output == "!")
    }

    @Test(
      arguments: [
        ([], "expected a kernel, or --firmware"),
        (["--firmware", "kernel"], "expected no kernel"),
        (["--firmware", "--initrd", "root"], "expected no --initrd"),
        (["--firmware", "--append", "quiet"], "expected no --append"),
        (["kernel", "--bios", "file"], "--bios: expected --firmware with it"),
        (["kernel", "--boot-menu", "3"], "--boot-menu: expected --firmware with it"),
        (["--firmware", "--boot-menu", "0"], "expected 1 to 3600 seconds"),
        (["kernel", "--net", "t,boot"], "--net: expected --firmware with boot"),
        (["--firmware", "--net", "t,virtio-mmio,boot"], "which no BIOS looks for"),
        (["--firmware", "--bios", "/none"], "/none"),
        (["--firmware", "--bios", "/etc/passwd"], "expected a multiple of 64 KiB up to 8 MiB"),
        (["--firmware", "--bios", "/dev/zero"], "a plain file is expected"),
      ] as [([String], String)])
    func firmwareThatCannotBeStartedIsRefused(words: [String], message: String) throws {
      let outcome = try Tool.run(["boot"] + words, in: try Folder())
      #expect(outcome.status == 64, "\(outcome.errors)")
      #expect(outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test func wordsThatMeanNothingAreUsageErrors() throws {
      let folder = try Folder()
      for words in [
        ["--disk", "d,scsi"], ["--net", "t,ide"], ["--cpus", "0"], ["--memory", "much"],
      ] {
        let outcome = try Tool.run(["boot", "kernel"] + words, in: folder)
        #expect(outcome.status == 64 && outcome.errors.contains("xpected"), "\(words): \(outcome.errors)")
      }
    }
  }
}
