import ArgumentParser
import Devices
import KVM
import LinuxSystem
import Network
import Probe
import ProbeABI
import Storage
import VirtualMachine

/// What a request and a frame cost on paths that end in nothing: the probe's driver, the rings and the device model, with a disk
/// that moves no data and a wire without a kernel.
struct DataPath: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data-path", abstract: "Requests on the null disk and frames on the in-process wire, polled.")

  @OptionGroup var repetition: Repetition
  @Option(help: "CPU of the thread that serves the device; by default another one than the vCPU's.")
  var ioCPU: Int?
  @Option(help: "Milliseconds of each window.")
  var window: UInt64 = 200

  private static let disk = "block.randread"
  private static let jobs: [(name: String, workload: String, parameters: [String: UInt64])] = [
    ("virtio-blk read, qd 1", disk, ["bs": 4096, "qd": 1, "verify": 0]),
    ("virtio-blk read, qd 32", disk, ["bs": 4096, "qd": 32, "verify": 0]),
    ("virtio-net frame out, 64 bytes", "net.transmit", ["size": 64]),
    ("virtio-net frame in, 64 bytes", "net.receive", ["size": 64]),
    ("virtio-net ping, 64 bytes", "net.pingpong", ["size": 64]),
  ]

  func run() throws {
    let allowed = try CPUAffinity.allowed()
    let cpu = repetition.cpu ?? allowed[0]
    guard let io = ioCPU ?? allowed.first(where: { $0 != cpu }) else { throw Problem("a polled path needs two CPUs") }
    var rows = [["operation", "median", "least", "greatest"]]
    for (name, workload, parameters) in Self.jobs {
      let job = ProbeJob(
        number: 1, workload: workload, seed: 1, warmup: 20_000_000, window: window * 1_000_000, parameters: parameters)
      let probe = try ProbeRun([job])
      let values = try (0..<repetition.blocks).map { _ in try nanoseconds(probe, workload, cpu: cpu, io: io) }
      rows.append([
        name, "\(Table.number(values.median, 1)) ns", Table.number(values.min() ?? 0, 1),
        Table.number(values.max() ?? 0, 1),
      ])
    }
    print("\(repetition.blocks) blocks of \(window) ms windows, vCPU on CPU \(cpu), I/O on CPU \(io)")
    Table.print(rows)
  }

  /// Nanoseconds an operation in one boot.
  private func nanoseconds(_ probe: ProbeRun, _ workload: String, cpu: Int, io: Int) throws -> Double {
    var configuration = MachineConfiguration(memory: ProbeRun.memory, vcpuCPUs: [cpu], ioCPU: io)
    if workload == Self.disk {
      configuration.disks = [DiskConfiguration(.null(size: 1 << 30), attachment: .virtioMMIO(.polled()))]
    } else {
      configuration.nets = [NetConfiguration(try Wire.link(.inprocess), attachment: .virtioMMIO(.polled()))]
    }
    let records = RecordStream()
    let machine = try Machine(try System(), configuration, serial: { records.receive($0) }, marker: { _ in })
    try machine.load(probe.image.elf, name: probe.image.path, commandLine: probe.commandLine, module: probe.jobs)
    _ = try machine.run(until: ProbeRun.patience)
    return try probe.mean(records)
  }
}
