import Devices
import Frames
import Images
import KVM
import LinuxSystem
import Network
import Storage
import VirtualMachine

/// What a guest with an operating system is made of.
public struct GuestDescription: Sendable {
  /// How a disk or a network interface is attached.
  public enum Attachment: String, Sendable, CaseIterable {
    case ide
    case e1000
    case virtioPCI = "virtio-pci"
    case virtioMMIO = "virtio-mmio"
  }

  public struct Disk: Sendable {
    public var path: String
    /// Any but `e1000`.
    public var attachment: Attachment
    /// nil has the file's own bytes say it.
    public var format: ImageFormat?
    public var isReadOnly = false
    /// Past the host's page cache.
    public var isDirect = false

    public init(path: String, attachment: Attachment) {
      (self.path, self.attachment) = (path, attachment)
    }
  }

  /// A network interface on a TAP interface of the host.
  public struct Net: Sendable {
    public var tap: String
    /// Any but `ide`.
    public var attachment: Attachment
    /// Whether firmware boots from it; by `virtio-pci` and `e1000` alone.
    public var isBooted = false
    /// The option ROM that does it; nil for Debian's iPXE.
    public var optionROM: String?

    public init(tap: String, attachment: Attachment) {
      (self.tap, self.attachment) = (tap, attachment)
    }
  }

  /// What the guest's first processor starts in.
  public enum Program: Sendable {
    /// The kernel's file.
    case kernel(String)
    /// A firmware's file, or Debian's (``GuestFirmware/defaultPath``); it boots what it finds.
    case firmware(String?)
  }

  public var program: Program
  /// Seconds for which firmware waits for the key to its menu; nil for no menu.
  public var bootMenuSeconds: Int?
  /// The initial RAM disk, or the one module, of a kernel.
  public var initrd: String?
  /// Words for a kernel besides those that each kernel of its kind gets.
  public var words: [String] = []
  public var disks: [Disk] = []
  public var nets: [Net] = []
  public var processors = 1
  /// Bytes of RAM, a multiple of 2 MiB.
  public var memory: UInt64 = 512 << 20
  /// Whether it has the devices that kvm-unit-tests asks for.
  public var hasTestDevices = false

  public init(_ program: Program) {
    self.program = program
  }
}

/// How an operating system's run ended.
public enum GuestEnd: Sendable {
  case poweredOff
  case reset
  /// It wrote this to the debug-exit port, 0xf4.
  case exited(UInt32)
  /// It cannot go on, or its kernel gave up; why, and its last lines.
  case died(String, [String])
  /// It had not ended at the deadline; where its processors were, and its last lines.
  case late(String, [String])
  /// The user left it.
  case left
  /// It sent more on its console than it may.
  case flooded
  /// Its console cannot be written to standard output: the message.
  case unwritable(String)
}

/// An operating system as a guest of our own monitor, its console on this process's standard streams. Made and run once.
public final class OperatingSystemGuest: @unchecked Sendable {
  // @unchecked: everything but `stop` is used by the thread that owns the guest.

  private let machine: Machine
  private let output: ConsoleOutput
  private let input: ConsoleInput
  private let isTerminal: Bool
  /// Open, and locked, for as long as the guest has them.
  private let disks: [HeldImage]

  /// - Parameters:
  ///   - description: what the guest is made of; its files are read now, its disks and interfaces opened.
  ///   - isTerminal: whether standard input is a terminal, which has a key to leave the guest by.
  ///   - consoleLimit: bytes that the guest may send on its console.
  public init(_ description: GuestDescription, isTerminal: Bool, consoleLimit: UInt64) throws(GuestError) {
    let initrd = try description.initrd.map { (path) throws(GuestError) in
      GuestKernel.File(name: path, bytes: try GuestKernel.read(path))
    }
    var configuration = MachineConfiguration(
      memory: description.memory, vcpuCPUs: [Int?](repeating: nil, count: description.processors), platform: .pc)
    configuration.hasTestDevices = description.hasTestDevices
    configuration.bootMenuSeconds = description.bootMenuSeconds
    var kernel: GuestKernel?
    switch description.program {
    case .kernel(let path): kernel = try GuestKernel(path: path)
    case .firmware(let path): configuration.firmware = try GuestFirmware.read(path)
    }
    disks = try description.disks.map { (disk) throws(GuestError) in try Self.hold(disk) }
    configuration.disks = zip(description.disks, disks).map { disk, image in
      DiskConfiguration(
        image.backing(isDirect: disk.isDirect), attachment: disk.attachment.forDisk, isReadOnly: disk.isReadOnly)
    }
    configuration.nets = try description.nets.indices.map { (index) throws(GuestError) in
      try Self.configuration(description.nets[index], index)
    }
    self.isTerminal = isTerminal
    do {
      let output = try ConsoleOutput(limit: consoleLimit)
      let machine = try Machine(try System(), configuration, serial: { output.receive($0) })
      output.attach(to: machine)
      input = try ConsoleInput(
        isTerminal: isTerminal, send: { machine.send($0) }, leave: { machine.stop() })
      self.output = output
      self.machine = machine
    } catch { throw GuestError(error) }
    do throws(MachineError) {
      try kernel?.load(into: machine, words: description.words, initrd: initrd)
    } catch { throw GuestError(error) }
  }

  private static func configuration(
    _ net: GuestDescription.Net, _ index: Int
  ) throws(GuestError) -> NetConfiguration {
    let address = EthernetAddress([0x02, 0x4e, 0x4d, 0, 0, UInt8(index + 1)])
    let link: any FrameLink
    do throws(SystemError) { link = try Wire.link(tap: net.tap) } catch { throw .unavailable(error.description) }
    var configuration = NetConfiguration(
      link, attachment: net.attachment.forNet, options: NetOptions(address: address))
    guard net.isBooted else { return configuration }
    let rom = try GuestFirmware.readOptionROM(net.optionROM, isE1000: net.attachment == .e1000)
    do throws(FirmwareError) { try configuration.boot(by: rom) } catch { throw .input("\(error)") }
    return configuration
  }

  private static func hold(_ disk: GuestDescription.Disk) throws(GuestError) -> HeldImage {
    do throws(ImageError) {
      return try HeldImage(
        disk.path, OpenOptions(format: disk.format, readOnly: disk.isReadOnly, allowsParentsAnywhere: false))
    } catch { throw .input(error.description) }
  }

  /// Ends the guest. Any thread.
  public func stop() { machine.stop() }

  /// Runs the guest to its end. Blocks.
  /// - Parameter deadline: `MonotonicClock` time.
  public func run(until deadline: UInt64) throws(GuestError) -> GuestEnd {
    let end: MachineEnd
    do throws(SystemError) {
      try output.start()
      try input.start()
    } catch { throw .unavailable(error.description) }
    do throws(MachineError) { end = try machine.run(until: deadline) } catch { throw .unavailable(error.description) }
    input.end()
    output.end(by: MonotonicClock.now + 2_000_000_000)
    return explain(end)
  }

  private func explain(_ end: MachineEnd) -> GuestEnd {
    switch output.problem {
    case .flood: return .flooded
    case .unwritable(let errno): return .unwritable("\(errno)")
    case nil: break
    }
    let lines = output.lastLines
    if let failure = machine.diskFailure ?? machine.netFailure, case .failed = end {
      return .died("\(failure)", lines)
    }
    switch end {
    case .poweredOff: return .poweredOff
    case .reset:
      let panic = lines.last { $0.contains("Kernel panic") }
      return panic.map { .died($0, lines) } ?? .reset
    case .exited(let value): return .exited(value)
    case .failed(let reason): return .died(reason, lines)
    case .timedOut(let places): return .late(places, lines)
    case .stopped: return .left
    }
  }
}

extension GuestDescription.Attachment {
  fileprivate var forDisk: DiskConfiguration.Attachment {
    switch self {
    case .ide: .ide
    case .virtioMMIO: .virtioMMIO(.notified)
    case .virtioPCI, .e1000: .virtioPCI(.notified)
    }
  }

  fileprivate var forNet: NetConfiguration.Attachment {
    switch self {
    case .e1000: .e1000
    case .virtioMMIO: .virtioMMIO(.notified)
    case .virtioPCI, .ide: .virtioPCI(.notified)
    }
  }
}
