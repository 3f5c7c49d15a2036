import ArgumentParser
import CReferenceLoop
import GuestMemory
import KVM
import LinuxSystem
import Probe
import Statistics
import Synchronization
import VirtualMachine

/// The time of an exit through the monitor's loop over the time through the tightest loop in C: same guest code, same
/// job, same CPU.
struct ExitLoop: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "An exit to user space: our loop against a minimal one in C.")
  /// The ratio that the monitor must not exceed.
  private static let bar = 1.10

  @OptionGroup var repetition: Repetition
  @Option(help: "exits.pio.user or exits.mmio.user.")
  var workload = "exits.pio.user"
  @Option(help: "Milliseconds of each window.")
  var window: UInt64 = 200

  func run() throws {
    let cpu = try repetition.cpu ?? CPUAffinity.allowed()[0]
    let job = ProbeJob(number: 1, workload: workload, seed: 1, warmup: 20_000_000, window: window * 1_000_000)
    let probe = try ProbeRun([job])
    var random = SeededRandom(seed: 1)
    var (ours, reference): ([Double], [Double]) = ([], [])
    for _ in 0..<repetition.blocks {
      for isOurs in random.shuffled([true, false]) {
        if isOurs { ours.append(try monitor(probe, cpu)) } else { reference.append(try minimal(probe, cpu)) }
      }
    }
    let ratio = try PairedLogRatio(mode: ours, reference: reference, higherIsBetter: true)
    print("\(workload), median of \(window) ms windows, \(repetition.blocks) blocks, CPU \(cpu)")
    Table.print([
      ["loop", "ns (median of blocks)", "ratio", "95 %"],
      ["minimal C", Table.number(reference.median), "1", ""],
      ["nearmetal", Table.number(ours.median), Table.number(ratio.estimate, 4), Table.interval(ratio)],
    ])
    if let upper = ratio.interval(level: 0.95)?.high {
      print("bar \(Self.bar): \(upper <= Self.bar ? "kept" : "not shown to be kept")")
    }
  }

  private func monitor(_ probe: ProbeRun, _ cpu: Int) throws -> Double {
    let records = RecordStream()
    let machine = try Machine(
      try System(), MachineConfiguration(memory: ProbeRun.memory, vcpuCPUs: [cpu]), serial: { records.receive($0) },
      marker: { _ in })
    try machine.load(probe.image.elf, name: probe.image.path, commandLine: probe.commandLine, module: probe.jobs)
    _ = try machine.run(until: ProbeRun.patience)
    return try probe.median(records)
  }

  private func minimal(_ probe: ProbeRun, _ cpu: Int) throws -> Double {
    let memory = try GuestMemory(size: ProbeRun.memory)
    let entry = try PVHLoader(memory: memory).load(
      probe.image.elf, name: probe.image.path, commandLine: probe.commandLine, module: probe.jobs)
    let reference = Reference(memory: memory, entry: entry)
    try PinnedThread(name: "reference", cpu: cpu) { reference.run() }.join()
    let (code, output) = reference.outcome
    guard code == 0 else { throw Problem("the reference loop ended with \(code)") }
    let records = RecordStream()
    unsafe output.withUnsafeBytes { unsafe records.receive($0) }
    return try probe.median(records)
  }
}

/// The loop in C on a loaded guest.
private final class Reference: Sendable {
  private let memory: GuestMemory
  private let entry: PVHLoader.Entry
  private let end = Mutex<(code: Int32, output: [UInt8])>((0, []))

  init(memory: GuestMemory, entry: PVHLoader.Entry) {
    self.memory = memory
    self.entry = entry
  }

  /// Its errno, 0 for none, and what the guest sent.
  var outcome: (code: Int32, output: [UInt8]) { end.withLock { $0 } }

  func run() {
    var output = [UInt8](repeating: 0, count: 1 << 20)
    let region = memory.regions[0]
    var guest = unsafe nm_reference_guest()
    unsafe guest.memory = UnsafeMutableRawPointer(bitPattern: region.host)
    unsafe guest.size = region.count
    unsafe guest.entry = entry.instruction
    unsafe guest.start_info = entry.startInfo
    let code = unsafe output.withUnsafeMutableBufferPointer { bytes in
      unsafe guest.output = bytes.baseAddress
      unsafe guest.capacity = UInt64(bytes.count)
      return unsafe nm_reference_run(&guest)
    }
    let length = unsafe Int(guest.length)
    end.withLock { $0 = (code, Array(output.prefix(length))) }
  }
}
