import ELF
import EmulatedHost
import LinuxSystem
import Results

/// What a bill is to be made of.
public struct BillPlan: Sendable {
  public var backend: HostBackend
  /// See `EmulatedHost.kernel`.
  public var kernel: String?
  /// Words for the kernel's command line.
  public var append: [String]
  public var monitors: [Machine]
  /// The suite's file.
  public var suite: String
  /// The program that is carried into the host, whose monitor it is.
  public var program: String
  /// Hosts that run at a time, 1 or 2.
  public var atOnce: Int
  public var seconds: UInt64
  public var command: [String]
  /// A slowdown as `nearmetal run --inject` takes it; nil for none.
  public var inject: String?

  public init(
    backend: HostBackend, kernel: String?, append: [String], monitors: [Machine], suite: String, program: String,
    atOnce: Int, seconds: UInt64, command: [String]
  ) {
    (self.backend, self.kernel, self.append) = (backend, kernel, append)
    (self.monitors, self.suite, self.program) = (monitors, suite, program)
    (self.atOnce, self.seconds, self.command) = (atOnce, seconds, command)
  }

  /// Passes of every bill: the second shows what is not deterministic.
  public static let passes = 2

  /// Words that every bill's kernel is given first: a halted vCPU is not polled for, since waiting is no work; and all processes have
  /// the same addresses.
  static let usualAppend = ["kvm.halt_poll_ns=0", "norandmaps"]

  func host(log: String) -> EmulatedHost {
    var host = EmulatedHost(backend, program: program)
    host.kernel = kernel
    host.append = Self.usualAppend + append
    host.hasInstructionClock = true
    host.seconds = seconds
    host.log = log
    if monitors.contains(.qemu) {
      host.tools = [QEMUFiles.program]
      host.files = QEMUFiles.paths
    }
    return host
  }
}

/// QEMU as a monitor on an emulated host: its program, and what it reads when it boots the probe, firmware and option ROMs, where Debian's
/// packages have them.
enum QEMUFiles {
  static let program = "qemu-system-x86_64"

  /// What its program shows of its functions; none where it is not there.
  static var symbols: ELFSymbols {
    Emulator.path(program).flatMap { try? AtomicFile.read($0) }.flatMap { try? ELFSymbols($0, name: program) }
      ?? ELFSymbols([])
  }

  static var paths: [String] {
    ["/usr/share/qemu", "/usr/share/seabios"].flatMap { folder in names.map { "\(folder)/\($0)" } }.filter(
      AtomicFile.exists)
  }

  private static let names = [
    "bios-microvm.bin", "qboot.rom", "bios.bin", "bios-256k.bin", "pvh.bin", "linuxboot.bin", "linuxboot_dma.bin",
    "kvmvapic.bin",
  ]
}
