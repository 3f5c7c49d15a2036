import CLinux
import LinuxSystem
import Probe
import ProbeABI
import TestSupport
import Testing

/// The probe under QEMU: a guest with one disk, from boot to the last record.
struct QEMU {
  /// QEMU's `-M` without the accelerator.
  var machine: String
  /// QEMU's words for the device; `DISK` stands for the image's path.
  var device: [String]
  /// Words of the probe's command line.
  var options = ""

  /// A disk on the MMIO bus of a machine without firmware.
  /// - Parameters:
  ///   - interrupts: the machine's interrupt controller: `split` gives a line where every raise counts, `on` one that
  ///     has to be lowered first.
  static func memoryMapped(_ properties: String = "", _ options: String = "", interrupts: String = "split") -> QEMU {
    QEMU(
      machine: "microvm,acpi=off,kernel-irqchip=\(interrupts)",
      device: [
        "-global", "virtio-mmio.force-legacy=false", "-drive", "if=none,id=d,format=raw,file=DISK", "-device",
        "virtio-blk-device,drive=d" + properties,
      ], options: options)
  }

  static func pci(_ machine: String, _ properties: String = "", _ options: String = "") -> QEMU {
    QEMU(
      machine: machine,
      device: ["-drive", "if=none,id=d,format=raw,file=DISK", "-device", "virtio-blk-pci,drive=d" + properties],
      options: options)
  }

  static func ide(_ options: String) -> QEMU {
    QEMU(machine: "pc", device: ["-drive", "if=ide,format=raw,file=DISK"], options: options)
  }

  /// Where QEMU is, if it is installed.
  static let path: String? = {
    let folders = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? "/usr/bin"
    return folders.split(separator: ":").map { "\($0)/qemu-system-x86_64" }.first { unsafe access($0, X_OK) == 0 }
  }()

  /// Whether a guest can be booted here.
  static let isUsable = unsafe path != nil && access("/dev/kvm", R_OK | W_OK) == 0

  private static let tscFrequency = MonotonicClock.tscFrequency()
  private static let patience: UInt64 = 60_000_000_000

  /// Boots the probe, runs the jobs and returns their answers by number.
  func run(_ jobs: [ProbeJob], disk: String = "/dev/null") throws -> [UInt32: ProbeResult] {
    let image = try ProbeImage.bundled()
    let text = try TemporaryFile(ProbeJob.text(jobs, tscFrequency: Self.tscFrequency), suffix: ".jobs")
    let child = try ChildProcess(
      #require(Self.path),
      [
        "-M", "\(machine),accel=kvm", "-cpu", "host,-arch-capabilities", "-m", "128", "-kernel", image.path, "-initrd",
        text.path, "-append", "tsc_khz=\(Self.tscFrequency) \(options)", "-nodefaults", "-no-user-config", "-display",
        "none", "-no-reboot", "-chardev", "stdio,id=records,signal=off", "-serial", "chardev:records", "-device",
        "isa-debug-exit,iobase=0xf4,iosize=4",
      ] + device.map { $0.replacing("DISK", with: disk) })
    let stream = RecordStream()
    let deadline = MonotonicClock.now + Self.patience
    let ended = unsafe child.drain(until: deadline) { unsafe stream.receive($0) }
    #expect(ended, "QEMU did not end: \(child.complaint())")
    if let error = stream.error { Issue.record(error) }
    return try answers(stream, child.complaint())
  }

  private func answers(_ stream: RecordStream, _ complaint: String) throws -> [UInt32: ProbeResult] {
    var results: [UInt32: ProbeResult] = [:]
    var hasEnd = false
    for arrival in stream.arrivals {
      switch arrival.record {
      case .result(let job, let result): results[job] = result
      case .crash(let crash): Issue.record("the probe crashed at \(String(crash.rip, radix: 16))")
      case .end: hasEnd = true
      case .hello: break
      }
    }
    try #require(hasEnd, "the probe did not answer every job: \(complaint)")
    return results
  }
}
