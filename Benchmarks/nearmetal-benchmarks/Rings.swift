import ArgumentParser
import Devices
import KVM
import LinuxSystem
import Machines
import Probe
import Statistics
import Storage
import VirtualMachine

/// What a polled request costs by the format and the size of its ring, beside the bare hand-off of a line between the two CPUs: a disk
/// that moves no data, so that nothing crosses but the request itself.
struct Rings: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Requests on the null disk by ring and depth, polled, beside a bare hand-off of a cache line.")

  @OptionGroup var repetition: Repetition
  @Option(help: "CPU of the thread that serves the device; by default another one than the vCPU's.")
  var ioCPU: Int?
  @Option(help: "Milliseconds of each window.")
  var window: UInt64 = 50

  private struct Ring: Sendable {
    let name: String
    let words: String
    /// Descriptors for a number of requests in flight; nil leaves it to the device.
    let descriptors: @Sendable (Int) -> Int?
  }

  /// A request has three descriptors.
  private static let parts = 3
  private static let rings = [
    Ring(name: "split, as large as the device has it", words: "", descriptors: { _ in nil }),
    Ring(name: "split, as small as the depth lets it be", words: "", descriptors: { fitting($0) }),
    Ring(name: "packed, as large as the device has it", words: " block_ring=packed", descriptors: { _ in nil }),
    Ring(name: "packed, as small as the depth lets it be", words: " block_ring=packed", descriptors: { fitting($0) }),
  ]
  private static let depths = [1, 2, 4, 8, 32]

  /// The power of two that has room.
  private static func fitting(_ depth: Int) -> Int {
    var size = 4
    while size < parts * depth { size *= 2 }
    return size
  }

  func run() throws {
    let allowed = try CPUAffinity.allowed()
    let cpu = repetition.cpu ?? allowed[0]
    guard let io = ioCPU ?? allowed.first(where: { $0 != cpu }),
      let handOff = HandOff(LegCPUs(workload: cpu, io: io))
    else { throw Problem("a polled path needs two CPUs") }
    var times: [String: [Double]] = [:]
    var shares: [String: [Double]] = [:]
    var distances: [Double] = []
    let sides = Self.rings.flatMap { ring in Self.depths.map { (ring, $0) } }
    for _ in 0..<repetition.blocks {
      for (ring, depth) in sides.shuffled() {
        // The distance of the two changes within a second where a hypervisor places them.
        guard let before = handOff.measure() else { throw Problem("the two CPUs do not meet") }
        let time = try nanoseconds(ring, depth, cpu: cpu, io: io)
        guard let after = handOff.measure() else { throw Problem("the two CPUs do not meet") }
        let distance = (before + after) / 2
        distances.append(distance)
        times["\(ring.name) \(depth)", default: []].append(time)
        shares["\(ring.name) \(depth)", default: []].append(time / distance)
      }
    }
    print("\(repetition.blocks) blocks of \(window) ms windows, vCPU on CPU \(cpu), I/O on CPU \(io)")
    print("a hand-off there and back: median \(Table.number(distances.median)) ns")
    var rows = [["ring", "qd", "descriptors", "ns a request", "hand-offs a request"]]
    for (ring, depth) in sides {
      let key = "\(ring.name) \(depth)"
      rows.append([
        ring.name, "\(depth)", "\(ring.descriptors(depth) ?? Int(BlockOptions().queueSize))",
        Table.number(times[key]!.median),
        Table.number(shares[key]!.median, 2),
      ])
    }
    Table.print(rows)
  }

  /// Nanoseconds a request in one boot.
  private func nanoseconds(_ ring: Ring, _ depth: Int, cpu: Int, io: Int) throws -> Double {
    let job = ProbeJob(
      number: 1, workload: "block.randread", seed: 1, warmup: 10_000_000, window: window * 1_000_000,
      parameters: ["bs": 4096, "qd": UInt64(depth), "verify": 0])
    let probe = try ProbeRun([job])
    var configuration = MachineConfiguration(memory: ProbeRun.memory, vcpuCPUs: [cpu], ioCPU: io)
    configuration.disks = [DiskConfiguration(.null(size: 1 << 30), attachment: .virtioMMIO(.polled()))]
    let words = ring.words + (ring.descriptors(depth).map { " block_queue=\($0)" } ?? "")
    let records = RecordStream()
    let machine = try Machine(try System(), configuration, serial: { records.receive($0) }, marker: { _ in })
    try machine.load(
      probe.image.elf, name: probe.image.path, commandLine: probe.commandLine + words, module: probe.jobs)
    _ = try machine.run(until: ProbeRun.patience)
    return try probe.mean(records)
  }
}
