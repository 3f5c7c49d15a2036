import ArgumentParser
import Glibc
import Images
import KVM
import LinuxSystem
import Machines

/// `nearmetal boot`.
struct BootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "boot", abstract: "Boots an unmodified operating system's kernel, with its console on this terminal.",
    discussion: """
      Examples:
        nearmetal boot /boot/vmlinuz --initrd rootfs --append "root=/dev/vda ro" --disk disk.img
        nearmetal boot vmlinuz --initrd rootfs --mode emulated --disk disk.vmdk,ro --net tap0 --cpus 2
        nearmetal boot x86/msr.flat --test-devices
        nearmetal boot --firmware --disk disk.img --mode emulated
        nearmetal boot --firmware --net tap0,boot

      A kernel is a bzImage (boot protocol 2.12 or later), an ELF file with a PVH note, or a Multiboot kernel. Its command line is
      "console=ttyS0 panic=-1", for a Multiboot kernel its file's name, and what --append adds. With --firmware there is none: the
      machine starts in SeaBIOS, which boots from the first --disk that it can boot from, or else from a --net that is to be booted
      from, with its own console and a boot loader's on the serial port. On a terminal Ctrl-] leaves the guest.

      Exit status: 0 after power-off and after a reset; the value that the guest writes to the debug-exit port, 0xf4, as far as it is
      below 64; 3 when the guest died or did not come to its end, with the reason. With --test-devices such a value v is v * 2 + 1
      modulo 256, as with QEMU's isa-debug-exit: 1 where a test passed.
      """)

  /// Disks and network interfaces as a PC has them, or as a guest with virtio's drivers has them best.
  enum Path: String, ExpressibleByArgument, CaseIterable {
    case emulated, paravirtual
  }

  @Argument(help: "The kernel; none with --firmware.")
  var kernel: String?
  @Flag(help: "Starts firmware, which boots from the disks: Debian's SeaBIOS.")
  var firmware = false
  @Option(help: "Another firmware's image than \(GuestFirmware.defaultPath); with --firmware.")
  var bios: String?
  @Option(
    help:
      "Seconds for which SeaBIOS waits for Esc, the key to its menu of what to boot; with --firmware. No menu without it."
  )
  var bootMenu: Int?
  @Option(help: "The initial RAM disk; the module of a Multiboot kernel.")
  var initrd: String?
  @Option(help: "Words for the kernel's command line. May be repeated.")
  var append: [String] = []
  @Option(
    help: """
      FILE[,WORD]…: a disk image of any format, or a block device. Words: ide, virtio-pci or virtio-mmio, else the mode's; ro; \
      direct, past the page cache; format=raw|vpc|vmdk|qcow2. May be repeated.
      """)
  var disk: [String] = []
  @Option(
    help: """
      TAP[,WORD]…: a TAP interface of this host. Words: e1000, virtio-pci or virtio-mmio, else the mode's; boot, or boot=FILE, has \
      firmware boot from it, by iPXE or another option ROM. May be repeated.
      """)
  var net: [String] = []
  @Option(help: "Processors.")
  var cpus = 1
  @Option(help: "RAM, such as 512M or 4G.")
  var memory = "512M"
  @Option(
    help: "What disks and network interfaces are unless they say it: emulated (ide, e1000) or paravirtual (virtio-pci)."
  )
  var mode = Path.paravirtual
  @Flag(help: "The devices that kvm-unit-tests asks for, as QEMU's pc-testdev and isa-debug-exit have them.")
  var testDevices = false
  @Option(help: "Seconds after which the guest is ended; none on a terminal, else 3600.")
  var timeout: Int?
  @Option(help: "What the guest may send on its console; a guest that sends more is ended.")
  var consoleLimit = "1G"

  func validate() throws {
    guard (1...254).contains(cpus) else {
      throw ValidationError("--cpus: expected a whole number from 1 to 254, found \(cpus)")
    }
    if let timeout, !(1...31_536_000).contains(timeout) {
      throw ValidationError("--timeout: expected 1 to 31536000 seconds, found \(timeout)")
    }
    if let bootMenu, !(1...3600).contains(bootMenu) {
      throw ValidationError("--boot-menu: expected 1 to 3600 seconds, found \(bootMenu)")
    }
    _ = try description()
    _ = try consoleBytes()
  }

  func run() throws {
    let isTerminal = isatty(0) == 1 && isatty(1) == 1
    let interruption = Interruption()
    watch(interruption) { "ending the guest" }
    let guest: OperatingSystemGuest
    let (description, limit) = (try description(), try consoleBytes())
    do throws(GuestError) {
      guest = try OperatingSystemGuest(description, isTerminal: isTerminal, consoleLimit: limit)
    } catch { throw ending(error) }
    if Backend.detect() == .pvm {
      say(
        "this host's KVM runs a guest's kernel in an emulator (PVM): an unmodified one does not get far here. "
          + "See ci/emulated-host.")
    }
    if isTerminal { say("the guest's console; Ctrl-] leaves the guest") }
    let registration = interruption.whileRunning { guest.stop() }
    defer { registration.end() }
    let seconds = timeout ?? (isTerminal ? nil : 3600)
    let deadline = seconds.map { MonotonicClock.now + UInt64($0) * 1_000_000_000 } ?? .max
    let terminal = isTerminal ? RawTerminal.enter(0) : nil
    let end: GuestEnd
    do throws(GuestError) { end = try guest.run(until: deadline) } catch { throw ending(error) }
    _ = consume terminal
    try tell(end, seconds: seconds ?? 0, isInterrupted: interruption.isRequested)
  }

  private func ending(_ error: GuestError) -> ExitCode {
    switch error {
    case .input(let line): nearmetal.end(Status.usage, line)
    case .unavailable(let line): nearmetal.end(Status.unavailable, line)
    }
  }

  /// Says how the guest ended, and ends the program with what that means.
  private func tell(_ ending: GuestEnd, seconds: Int, isInterrupted: Bool) throws {
    switch ending {
    case .poweredOff: say("the guest turned the machine off")
    case .reset: say("the guest reset the machine")
    case .exited(let value):
      say("the guest wrote \(value) to the debug-exit port")
      if testDevices { throw ExitCode(Int32(truncatingIfNeeded: (value << 1 | 1) & 0xff)) }
      throw value < 64 ? ExitCode(Int32(value)) : Status.incompleteWorkload
    case .died(let reason, let lines): throw died("the guest died: \(reason)", lines)
    case .late(let places, let lines):
      throw died("the guest had not ended after \(seconds) s: \(places)", lines)
    case .left:
      if isInterrupted { throw end(Status.interrupted, "the guest was ended") }
      say("the guest was left")
    case .flooded:
      throw end(Status.incompleteWorkload, "the guest was ended: it sent more than \(consoleLimit) on its console")
    case .unwritable(let reason):
      throw end(Status.unwritable, "the guest was ended: its console cannot be written to standard output: \(reason)")
    }
  }

  private func died(_ reason: String, _ lines: [String]) -> ExitCode {
    if !lines.isEmpty { say("the last lines of its console:") }
    for line in lines { say("  \(line)") }
    return end(Status.incompleteWorkload, reason)
  }
}

extension BootCommand {
  private func description() throws -> GuestDescription {
    var description = GuestDescription(try program())
    description.bootMenuSeconds = bootMenu
    description.words = append
    description.hasTestDevices = testDevices
    description.initrd = initrd
    description.disks = try disk.map(disk(_:))
    description.nets = try net.map(net(_:))
    description.processors = cpus
    let memory = try size(memory, "--memory", 4 << 20...1 << 40)
    description.memory = (memory + (2 << 20) - 1) & ~((2 << 20) - 1)
    return description
  }

  private func program() throws -> GuestDescription.Program {
    if let kernel, !firmware {
      for (option, isGiven) in [("--bios", bios != nil), ("--boot-menu", bootMenu != nil)] where isGiven {
        throw ValidationError("\(option): expected --firmware with it and no kernel, found \(kernel)")
      }
      return .kernel(kernel)
    }
    guard firmware else {
      throw ValidationError("expected a kernel, or --firmware to boot from a disk, found neither")
    }
    for (what, given) in [("kernel", kernel), ("--initrd", initrd), ("--append", append.first)] {
      guard given == nil else {
        throw ValidationError(
          "--firmware: expected no \(what), since firmware boots what is on a disk, found \(given ?? "")")
      }
    }
    return .firmware(bios)
  }

  private func consoleBytes() throws -> UInt64 { try size(consoleLimit, "--console-limit", 1...1 << 50) }

  private func size(_ text: String, _ option: String, _ range: ClosedRange<UInt64>) throws -> UInt64 {
    guard let size = ImageOptions.bytes(text), range.contains(size) else {
      throw ValidationError("\(option): expected a size such as 512M, found \(text)")
    }
    return size
  }

  private func disk(_ text: String) throws -> GuestDescription.Disk {
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    var disk = GuestDescription.Disk(path: words[0], attachment: mode == .emulated ? .ide : .virtioPCI)
    for word in words.dropFirst() {
      switch word {
      case "ro": disk.isReadOnly = true
      case "direct": disk.isDirect = true
      case "ide", "virtio-pci", "virtio-mmio":
        disk.attachment = GuestDescription.Attachment(rawValue: word) ?? disk.attachment
      case _ where word.hasPrefix("format="):
        guard let format = ImageFormat(name: String(word.dropFirst(7))) else {
          throw ValidationError("--disk: expected format=raw, vpc, vmdk or qcow2, found \(word)")
        }
        disk.format = format
      default:
        throw ValidationError(
          "--disk: expected ide, virtio-pci, virtio-mmio, ro, direct or format=NAME behind the file, found \(word)")
      }
    }
    return disk
  }

  private func net(_ text: String) throws -> GuestDescription.Net {
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    var net = GuestDescription.Net(tap: words[0], attachment: mode == .emulated ? .e1000 : .virtioPCI)
    for word in words.dropFirst() {
      switch word {
      case "e1000", "virtio-pci", "virtio-mmio":
        net.attachment = GuestDescription.Attachment(rawValue: word) ?? net.attachment
      case "boot": net.isBooted = true
      case _ where word.hasPrefix("boot="): (net.isBooted, net.optionROM) = (true, String(word.dropFirst(5)))
      default:
        throw ValidationError(
          "--net: expected e1000, virtio-pci, virtio-mmio, boot or boot=FILE behind the interface, found \(word)")
      }
    }
    if net.isBooted, !firmware { throw ValidationError("--net: expected --firmware with boot, found a kernel") }
    if net.isBooted, net.attachment == .virtioMMIO {
      throw ValidationError("--net: expected e1000 or virtio-pci with boot, found virtio-mmio, which no BIOS looks for")
    }
    return net
  }
}
