import Bundles
import Counters
import Definitions
import ELF
import Glibc
import History
import Images
import LinuxBoot
import LinuxSystem
import Multiboot
import ProbeABI
import Results
import Topology

@testable import Machines
@testable import Probe

/// Files that a stranger may have written, and the bytes of a guest's records: whatever they are, they are refused or used.
extension FuzzTarget {
  static var files: [FuzzTarget] {
    [
      FuzzTarget(name: "records", make: records),
      FuzzTarget(name: "result") { ResultConsumers.consume },
      FuzzTarget(name: "journal") { try file("run.jsonl") { folder, _ in _ = try? KeptRun.read(folder) } },
      FuzzTarget(name: "suite") { { _ = try? SuiteReader.parse(String(decoding: $0, as: UTF8.self), path: "f.yaml") } },
      FuzzTarget(name: "claims") { { _ = try? ClaimFile.parse(String(decoding: $0, as: UTF8.self), path: "f.yaml") } },
      FuzzTarget(name: "profile") { { _ = try? ProfileReader.parse($0, path: "f.yaml") } },
      FuzzTarget(name: "bundle") {
        try file("fuzz.nmb") { _, path in
          _ = try? BundleVerifier.verify(path, key: nil, tool: ToolRecord(version: "1", revision: "r", swift: "6"))
        }
      },
      FuzzTarget(name: "history") {
        try file("history.sqlite") { _, path in
          guard let store = try? HistoryStore(path: path, creating: false) else { return }
          _ = try? store.series(HistoryFilter())
        }
      },
      FuzzTarget(name: "elf") { { _ = try? ELFImage($0, name: "fuzz") } },
      FuzzTarget(name: "bzimage") { { _ = try? LinuxImage($0, name: "fuzz") } },
      FuzzTarget(name: "console") {
        { bytes in
          var console = LinuxConsole(token: "1")
          for byte in bytes { _ = console.receive(byte) }
          _ = (console.answers, console.lastLines)
        }
      },
      FuzzTarget(name: "fio") {
        { bytes in
          guard let figures = try? FioReport.figures(bytes), let latency = figures.latency else { return }
          _ = try? MetricRecord.percentiles(of: latency, name: "latency")
        }
      },
      FuzzTarget(name: "iperf3", make: iperf3),
      FuzzTarget(name: "multiboot") { { _ = try? MultibootImage($0, name: "fuzz") } },
      FuzzTarget(name: "vhd") { try image(.vpc) }, FuzzTarget(name: "vhdx") { try image(.vhdx) },
      FuzzTarget(name: "vmdk") { try image(.vmdk) }, FuzzTarget(name: "qcow2") { try image(.qcow2) },
    ]
  }

  /// A client's results, which have to be of what it was asked for.
  private static func iperf3() throws -> ([UInt8]) -> Void {
    let suite = try SuiteReader.parse("name: s\nmachines: [native]\nworkloads: [linux.iperf3]", path: "s.yaml")
    guard case .iperf3(let asked) = suite.entries[0].linux?.job else { throw FuzzProblem("linux.iperf3 is no iperf3") }
    return { bytes in
      _ = try? IperfReport.figures(bytes, asked)
      _ = IperfReport.complaint(bytes)
    }
  }

  /// A target that takes its input as a file, in a folder of its own in memory.
  private static func file(_ name: String, _ body: @escaping (String, String) -> Void) throws -> ([UInt8]) -> Void {
    let folder = "/dev/shm/nearmetal-fuzz-\(getpid())/\(name)"
    try AtomicFile.makeDirectory(folder)
    return { bytes in
      let path = "\(folder)/\(name)"
      try? AtomicFile.write(bytes, to: path)
      body(folder, path)
      try? AtomicFile.remove(path)
    }
  }

  private static func image(_ format: ImageFormat) throws -> ([UInt8]) -> Void {
    try file("fuzz.\(format)") { _, path in
      guard let disk = try? VirtualDisk.open(path, OpenOptions(format: format, readOnly: true)) else { return }
      var part = [UInt8](repeating: 0, count: 4096)
      for offset in [0, disk.size / 2 & ~4095, disk.size &- 4096] {
        _ = unsafe try? part.withUnsafeMutableBytes { unsafe try disk.read($0, at: offset) }
      }
      _ = try? ImageCheck.check(path, format: format, repair: .none)
    }
  }

  /// A guest's records, up to the legs that are made of them.
  private static func records() throws -> ([UInt8]) -> Void {
    let suite = try SuiteReader.parse(
      "name: s\nblocks: 1\nwarmup: 1ms\nwindow: 5ms\nmemory: 64MiB\nmachines: [nearmetal]\nworkloads:\n  - cpu.integer\n"
        + "  - {id: block.randread, parameters: {backing: memory}, modes: [polled]}\n  - exits.cpuid",
      path: "s.yaml")
    let cpus = try CPUAffinity.allowed()
    let context = SessionContext(
      suite, try ProbeImage.bundled(), cpus: LegCPUs(workload: cpus[0], io: nil),
      memory: MemoryPlan(pages: .small, node: nil, nodeCount: 1),
      noise: NoiseWatch(legs: [], allowed: cpus, topology: try CPUTopology()), Interruption())
    let sessions = Plan(suite, seed: 1).sessions
    return { bytes in
      let stream = RecordStream()
      for record in framed(bytes) { unsafe record.withUnsafeBytes { unsafe stream.receive($0) } }
      var outcome = SessionOutcome()
      outcome.results = stream.results
      for session in sessions { _ = LegAssembler(context).legs(session, outcome, order: 0, startedAt: 0) }
    }
  }

  /// Cuts an input into records whose heads are right, so that what is behind the checksum is reached: type, job, two bytes of length,
  /// payload. What is left over is as it is.
  private static func framed(_ bytes: [UInt8]) -> [[UInt8]] {
    var (records, rest) = ([[UInt8]](), bytes[...])
    while rest.count > 4, let type = rest.popFirst(), type < 8, let job = rest.popFirst(), let low = rest.popFirst(),
      let high = rest.popFirst()
    {
      let payload = Array(rest.prefix(Int(low) | Int(high) << 8))
      rest = rest.dropFirst(payload.count)
      var header = nm_record_header(
        magic: NM_RECORD_MAGIC, version: UInt16(NM_ABI_VERSION), type: UInt16(type), job: UInt32(job),
        length: UInt32(payload.count), checksum: 0, reserved: 0)
      header.checksum = RecordStream.checksum(header, payload)
      records.append(unsafe withUnsafeBytes(of: &header) { unsafe Array($0) } + payload)
    }
    return records + [Array(rest)]
  }
}
