import Counters
import Definitions
import Foundation
import KVM
import LinuxSystem
import Network
import Probe
import Results
import Testing
import Topology

@testable import Machines

/// Workloads under Linux where there is no guest: natively, and where a guest cannot be booted.
@Suite(.serialized) struct LinuxSessionTests {
  private final class Folder {
    let path = NSTemporaryDirectory() + "linux-\(UUID().uuidString)"
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  private func leg(_ workload: String, machine: String = "native", disk: Bool = false) throws -> LegRecord {
    let folder = try Folder()
    try Data("no kernel".utf8).write(to: URL(filePath: folder.path + "/kernel"))
    let text =
      "name: s\nblocks: 1\nwindow: 1ms\nmemory: 64MiB\nmachines: [\(machine)]\nworkloads: [\(workload)]"
      + (machine == "native" ? "" : "\nkernel: kernel\ninitrd: kernel")
    let suite = try SuiteReader.parse(text, path: folder.path + "/s.yaml")
    let cpus = try CPUAffinity.allowed()
    var context = SessionContext(
      suite, try ProbeImage.bundled(), cpus: LegCPUs(workload: cpus[0], io: nil),
      memory: MemoryPlan(pages: .small, node: nil, nodeCount: 1),
      disk: disk ? .image(try RunDisk(path: folder.path + "/disk", size: 16 << 20, seed: 1)) : .none,
      noise: NoiseWatch(legs: [], allowed: cpus, topology: try CPUTopology()), Interruption())
    if machine == "native" { context.linux = try LinuxSupply(suite) }
    let session = Plan(suite, seed: 1).groups[0].sessions[0]
    let outcome = MachineTable.run(session, context)
    return try #require(LegAssembler(context).legs(session, outcome, order: 0, startedAt: 0).first)
  }

  @Test func aCommandIsTimedNatively() throws {
    let leg = try leg("{id: linux.command, parameters: {cmd: \"sleep 0.2\"}}")
    #expect(leg.status == .ok, "\(leg.reason ?? "")")
    #expect(leg.metrics.map(\.name) == ["time"] && leg.metrics[0].unit == "s" && leg.metrics[0].value >= 0.2)
    #expect(leg.cpuSeconds.total ?? 0 > 0)
  }

  @Test func aCommandThatFailsFailsItsLegWithItsLastLines() throws {
    let leg = try leg("{id: linux.command, parameters: {cmd: \"echo one; echo two >&2; exit 7\"}}")
    #expect(leg.status == .failed)
    #expect(leg.reason == "the command ended with status 7; it said last: one | two", "\(leg.reason ?? "")")
  }

  @Test func aCommandThatFloodsIsKeptShort() throws {
    let leg = try leg("{id: linux.command, parameters: {cmd: \"yes | head -c 3000000; exit 1\"}}")
    #expect(leg.reason == "the command ended with status 1; it said last: y | y | y | y", "\(leg.reason ?? "")")
  }

  @Test func aCommandHasTheLegsDisk() throws {
    let command = "test $(dd if=$NEARMETAL_DISK bs=1M 2>/dev/null | wc -c) = 16777216"
    let leg = try leg("{id: linux.command, parameters: {cmd: \"\(command)\", backing: file}}", disk: true)
    #expect(leg.status == .ok, "\(leg.reason ?? "")")
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/fio"), "fio is not installed"))
  func fiosFiguresAreRead() throws {
    let folder = try Folder()
    let file = folder.path + "/j.fio"
    try Data("[a]\nrw=randread\nbs=4k\ntime_based=1\nruntime=200ms\n".utf8).write(to: URL(filePath: file))
    let leg = try leg("{id: linux.fio, parameters: {jobfile: \(file), backing: file}}", disk: true)
    #expect(leg.status == .ok, "\(leg.reason ?? "")")
    let names = leg.metrics.map(\.name)
    #expect(names.starts(with: ["iops", "bandwidth", "latency.p50"]) && names.contains("cpu.time"), "\(names)")
    #expect(leg.metrics.first { $0.name == "latency.p50" }?.histogram != nil)
  }

  private static let iperfObstacle: String? = {
    guard LinuxProgram(.iperf3) != nil else { return LinuxTool.iperf3.absence }
    do throws(SystemError) { _ = try AddressedWire(hasMonitor: false) } catch { return error.description }
    return nil
  }()

  @Test(
    .enabled(if: iperfObstacle == nil, "\(iperfObstacle ?? "")"), arguments: ["transmit", "receive"])
  func aServerBehindAWireIsReachedNatively(direction: String) throws {
    let leg = try leg("{id: linux.iperf3, parameters: {direction: \(direction), length: 64KiB, parallel: 2}}")
    #expect(leg.status == .ok, "\(leg.reason ?? "")")
    let values = Dictionary(uniqueKeysWithValues: leg.metrics.map { ($0.name, $0) })
    let bandwidth = try #require(values["bandwidth"])
    #expect(bandwidth.value > 1 && bandwidth.direction == .higher)
    #expect(values["retransmits"]?.unit == "segments")
    for name in ["processor.client", "processor.server", "cpu.time"] {
      #expect(try #require(values[name]).value > 0, "\(name)")
    }
  }

  @Test(.enabled(if: iperfObstacle == nil, "\(iperfObstacle ?? "")"))
  func nobodyButItsClientReachesTheServer() throws {
    let program = try #require(LinuxProgram(.iperf3))
    let server = try IperfServer(program, cpu: try CPUAffinity.allowed()[0], hasMonitor: true)
    // Not even this process, by the same address in its own network.
    let table = try HostFiles().text("/proc/self/net/tcp")
    #expect(!table.contains("01004D0A:"))
    withExtendedLifetime(server) {}
  }

  @Test(
    .enabled(if: LinuxProgram(.perf) != nil, "perf is not installed"),
    arguments: [
      "sched-pipe, loops: 2000", "sched-messaging, groups: 1, loops: 50", "mem-memcpy, size: 16MiB, loops: 8",
    ])
  func perfsFiguresAreRead(parameters: String) throws {
    let leg = try leg("{id: linux.perf, parameters: {bench: \(parameters)}}")
    #expect(leg.status == .ok, "\(leg.reason ?? "")")
    let movesMemory = parameters.hasPrefix("mem")
    #expect(leg.metrics.first?.name == (movesMemory ? "bandwidth" : "time") && leg.metrics[0].value > 0)
    #expect(leg.metrics.contains { $0.name == "cpu.time" } == !movesMemory)
  }

  @Test(
    .enabled(if: Backend.detect() == .pvm, "this host boots unmodified kernels"), arguments: ["nearmetal", "qemu"])
  func whereAKernelCannotRunItsLegsAreSkippedWithTheReason(machine: String) throws {
    if machine == "qemu", QEMUProgram.find(QEMUProgram.system, in: "/usr/bin") == nil { return }
    let leg = try leg("linux.boot", machine: machine)
    #expect(leg.status == .skipped && leg.reason?.contains("PVM") == true, "\(leg.reason ?? "")")
  }

  @Test func whatIsNotThereIsSaidWithWhatMakesIt() throws {
    let suite = try SuiteReader.parse(
      "name: s\nkernel: no/kernel\ninitrd: no/initrd\nworkloads: [linux.boot]", path: "s.yaml")
    do throws(GuestError) {
      _ = try LinuxSupply(suite)
      Issue.record("a kernel that is not there was read")
    } catch {
      #expect(error.description.contains("no/kernel") && error.description.contains("ci/linux-guest --tool fio guest"))
    }
  }
}
