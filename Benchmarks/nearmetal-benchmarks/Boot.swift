import ArgumentParser
import GuestMemory
import KVM
import LinuxSystem
import Probe
import Statistics
import VirtualMachine

/// From nothing to the probe's first record: NearMetal and QEMU's microvm, interleaved, and where our time goes.
struct Boot: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "A boot to the first record: ours against QEMU's microvm.")
  /// Milliseconds, and share of QEMU's time, that the monitor must not exceed.
  private static let bars = (milliseconds: 15.0, share: 1.0 / 3)

  @OptionGroup var repetition: Repetition
  @Option(help: "MiB of guest memory.")
  var memory: UInt64 = 256
  @Option(help: "QEMU's program; an empty one leaves it out.")
  var qemu = "/usr/bin/qemu-system-x86_64"

  private struct Phases {
    var make = 0.0
    var load = 0.0
    var run = 0.0
    var total: Double { make + load + run }
  }

  func run() throws {
    let probe = try ProbeRun([])
    let cpu = try repetition.cpu ?? CPUAffinity.allowed()[0]
    var random = SeededRandom(seed: 1)
    var (ours, theirs): ([Phases], [Double]) = ([], [])
    for _ in 0..<repetition.blocks {
      for isOurs in random.shuffled([true, false]) {
        if isOurs {
          ours.append(try boot(probe, cpu))
        } else if !qemu.isEmpty {
          theirs.append(try bootQEMU(probe))
        }
      }
    }
    try report(ours, theirs)
    try reportSteps()
  }

  private func boot(_ probe: ProbeRun, _ cpu: Int) throws -> Phases {
    let records = RecordStream()
    let start = MonotonicClock.now
    let machine = try Machine(
      try System(), MachineConfiguration(memory: memory << 20, vcpuCPUs: [cpu]), serial: { records.receive($0) },
      marker: { _ in })
    let made = MonotonicClock.now
    try machine.load(probe.image.elf, name: probe.image.path, commandLine: probe.commandLine, module: probe.jobs)
    let loaded = MonotonicClock.now
    _ = try machine.run(until: ProbeRun.patience)
    guard let first = records.arrivals.first?.time else { throw Problem("the probe sent no record") }
    return Phases(
      make: Double(made - start) / 1e6, load: Double(loaded - made) / 1e6, run: Double(first - loaded) / 1e6)
  }

  private func bootQEMU(_ probe: ProbeRun) throws -> Double {
    let records = RecordStream()
    let module = try UnnamedFile.inMemory(probe.jobs)
    let start = MonotonicClock.now
    let child = try ChildProcess(
      qemu,
      [
        "-M", "microvm,accel=kvm", "-cpu", "host,-arch-capabilities", "-m", "\(memory)", "-kernel", probe.image.path,
        "-initrd", UnnamedFile.path(ChildProcess.passed), "-append", probe.commandLine, "-nodefaults",
        "-no-user-config", "-display", "none", "-no-reboot", "-chardev", "stdio,id=records,signal=off", "-serial",
        "chardev:records", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
      ], passing: [module.rawValue])
    _ = unsafe child.drain(until: ProbeRun.patience) { unsafe records.receive($0) }
    guard let first = records.arrivals.first?.time else { throw Problem("QEMU sent no record: \(child.complaint())") }
    return Double(first - start) / 1e6
  }

  private func report(_ ours: [Phases], _ theirs: [Double]) throws {
    print("first record after, in ms; \(memory) MiB, \(repetition.blocks) blocks")
    let total = ours.map(\.total).median
    var rows = [["", "median", "share of QEMU", "95 %"], ["nearmetal", Table.number(total, 2), "", ""]]
    for (name, part) in [("  make", \Phases.make), ("  load", \.load), ("  run to the first record", \.run)] {
      rows.append([name, Table.number(ours.map { $0[keyPath: part] }.median, 2), "", ""])
    }
    print("bar \(Self.bars.milliseconds) ms: \(total <= Self.bars.milliseconds ? "kept" : "not kept")")
    if !theirs.isEmpty {
      let ratio = try PairedLogRatio(mode: ours.map(\.total), reference: theirs, higherIsBetter: true)
      rows[1][2...] = [Table.number(ratio.estimate, 4), Table.interval(ratio)]
      rows.append(["qemu microvm", Table.number(theirs.median, 2), "1", ""])
      let upper = ratio.interval(level: 0.95)?.high ?? .infinity
      print("bar a third of QEMU: \(upper <= Self.bars.share ? "kept" : "not shown to be kept")")
    }
    Table.print(rows)
  }

  /// The steps of making a machine, each alone.
  private func reportSteps() throws {
    var steps: [String: [Double]] = [:]
    for _ in 0..<repetition.blocks {
      var last = MonotonicClock.now
      func step(_ name: String) {
        let now = MonotonicClock.now
        steps[name, default: []].append(Double(now - last) / 1e6)
        last = MonotonicClock.now
      }
      let system = try System()
      step("1 open /dev/kvm")
      let machine = try system.createVirtualMachine()
      step("2 create the machine")
      let ram = try GuestMemory(size: memory << 20)
      for (slot, region) in ram.regions.enumerated() {
        try machine.setMemory(slot: slot, guest: region.start.rawValue, host: region.host, size: region.count)
      }
      step("3 memory")
      try machine.createInterruptControllers(taskState: 0xfffb_d000, identityMap: 0xfffb_c000)
      step("4 interrupt controllers")
      let table = try system.supportedCPUID()
      step("5 supported CPUID")
      var vcpu = try machine.createVCPU(0)
      try vcpu.setCPUID(table.forProcessor(0, of: 1))
      step("6 vCPU")
    }
    print("steps of making a machine, in ms")
    Table.print(
      [["step", "median"]] + steps.sorted { $0.key < $1.key }.map { [$0.key, Table.number($0.value.median, 3)] })
  }
}
