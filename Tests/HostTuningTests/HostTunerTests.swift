import Foundation
import LinuxSystem
import Results
import SystemPackage
import TestSupport
import Testing
import Topology

@testable import HostTuning

@Suite struct HostTunerTests {
  private static let cpu = "/sys/devices/system/cpu"
  private static let thp = "/sys/kernel/mm/transparent_hugepage/enabled"
  private static let pages = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"

  /// Two CPUs with everything that tuning knows, nothing as wanted. No white space around values, so that contents compare.
  private static let host: [String: String] = [
    "\(cpu)/online": "0-1", "\(cpu)/cpu0/cpufreq/scaling_governor": "powersave",
    "\(cpu)/cpu1/cpufreq/scaling_governor": "schedutil", "\(cpu)/intel_pstate/no_turbo": "0",
    "\(cpu)/cpu0/cpuidle/state1/latency": "2", "\(cpu)/cpu0/cpuidle/state1/disable": "0",
    "\(cpu)/cpu0/cpuidle/state1/name": "C1", "\(cpu)/cpu0/cpuidle/state2/latency": "133",
    "\(cpu)/cpu0/cpuidle/state2/disable": "0", "\(cpu)/cpu0/cpuidle/state2/name": "C6",
    "/proc/irq/24/smp_affinity_list": "0-1", "/proc/irq/25/smp_affinity_list": "1",
    "/proc/irq/26/smp_affinity_list": "0", "/proc/irq/default_smp_affinity": "3", thp: "always",
    "/proc/sys/kernel/numa_balancing": "1", pages: "4",
  ]

  private func tuning(_ tree: HostTreeFolder, reserved: Int = 0) -> HostTuning {
    HostTuning(files: tree.files, workloadCPU: 0, legCPUs: [0, 1], reservedPages: reserved)
  }

  private func statePath(_ tree: HostTreeFolder) -> String { tree.files.located("/state/run/tune.json") }

  private func tuned(_ tree: HostTreeFolder) throws -> [String: String] {
    try tree.contents().filter { !$0.key.hasPrefix("/state") }
  }

  @Test func appliesEverySettingAndPutsAllOfThemBack() throws {
    let tree = try HostTreeFolder(Self.host)
    let tuner = HostTuner(files: tree.files, statePath: statePath(tree))

    let outcome = try tuner.apply(tuning(tree, reserved: 512).items())

    #expect(outcome.allSatisfy { if case .refused = $0.outcome { false } else { true } })
    let after = try tuned(tree)
    #expect(after["\(Self.cpu)/cpu0/cpufreq/scaling_governor"] == "performance")
    #expect(after["\(Self.cpu)/cpu1/cpufreq/scaling_governor"] == "performance")
    #expect(after["\(Self.cpu)/intel_pstate/no_turbo"] == "1")
    #expect(after["\(Self.cpu)/cpu0/cpuidle/state2/disable"] == "1")
    #expect(after["\(Self.cpu)/cpu0/cpuidle/state1/disable"] == "0")
    #expect(after["/proc/irq/24/smp_affinity_list"] == "1" && after["/proc/irq/26/smp_affinity_list"] == "1")
    #expect(after[Self.thp] == "madvise" && after[Self.pages] == "512")

    let reset = try tuner.reset()
    #expect(reset.count == 9)
    #expect(try tree.contents() == Self.host)
    #expect(try tuner.reset().isEmpty)
  }

  @Test(arguments: 0...9)
  func aCrashAfterAnyNumberOfWritesIsUndone(writes: Int) throws {
    let tree = try HostTreeFolder(Self.host)
    let path = statePath(tree)
    let files = tree.files
    var done = 0
    // A process that died writes nothing more, whatever its caller would have gone on to do.
    let dying = HostTuner(files: files, statePath: path) { (target, value) throws(SystemError) in
      guard done < writes else { throw SystemError("write", .interrupted) }
      done += 1
      do { try Data(value.utf8).write(to: URL(filePath: files.located(target))) } catch {
        throw SystemError("write", .ioError)
      }
    }
    _ = try dying.apply(tuning(tree, reserved: 512).items())
    #expect(try (tuned(tree) == Self.host) == (writes == 0))

    _ = try HostTuner(files: files, statePath: path).reset()

    #expect(try tree.contents() == Self.host)
  }

  @Test func nothingIsChangedBeforeTheStateIsOnDisk() throws {
    let tree = try HostTreeFolder(Self.host)
    let path = statePath(tree)
    var saved: [Int] = []
    let watching = HostTuner(files: tree.files, statePath: path) { (_, _) throws(SystemError) in
      saved.append((try? TuneState.read(path))??.saved.count ?? 0)
    }
    _ = try watching.apply(tuning(tree).items())
    // Also the first write finds everything saved that is written at all.
    #expect(!saved.isEmpty && saved == saved.map { _ in saved.count })
  }

  @Test func aSecondApplyKeepsTheFirstOnesValues() throws {
    let tree = try HostTreeFolder(Self.host)
    let tuner = HostTuner(files: tree.files, statePath: statePath(tree))
    _ = try tuner.apply(tuning(tree, reserved: 100).items())
    _ = try tuner.apply(tuning(tree, reserved: 200).items())
    #expect(try tuned(tree)[Self.pages] == "200")
    _ = try tuner.reset()
    #expect(try tree.contents() == Self.host)
  }

  @Test func oneRefusalKeepsNothingElseFromBeingTriedOrPutBack() throws {
    let tree = try HostTreeFolder(Self.host)
    let path = statePath(tree)
    let files = tree.files
    let refusing = HostTuner(files: files, statePath: path) { (target, value) throws(SystemError) in
      if target.hasPrefix("/proc/irq/24") { throw SystemError("write \(target)", .ioError) }
      do { try Data(value.utf8).write(to: URL(filePath: files.located(target))) } catch {
        throw SystemError("write", .ioError)
      }
    }
    let outcome = try refusing.apply(tuning(tree).items())
    #expect(outcome.count { if case .refused = $0.outcome { true } else { false } } == 1)
    #expect(try tuned(tree)["/proc/irq/26/smp_affinity_list"] == "1")

    try tree.write("/proc/irq/24/smp_affinity_list", "1")
    let reset = try refusing.reset()
    #expect(reset.count { if case .refused = $0.outcome { true } else { false } } == 1)
    // What could not be put back stays saved, and a reset that can writes it.
    #expect(try TuneState.read(path)?.saved.map(\.path) == ["/proc/irq/24/smp_affinity_list"])
    _ = try HostTuner(files: files, statePath: path).reset()
    #expect(try tree.contents() == Self.host)
  }

  @Test func aKernelThatGivesLessThanAskedForIsSaid() throws {
    let tree = try HostTreeFolder(Self.host)
    let files = tree.files
    let tuner = HostTuner(files: files, statePath: statePath(tree)) { (target, value) throws(SystemError) in
      let given = target == Self.pages ? "37" : value
      try? Data(given.utf8).write(to: URL(filePath: files.located(target)))
    }
    let outcome = try tuner.apply(tuning(tree, reserved: 512).items())
    #expect(outcome.contains { $0.outcome == .differs(wanted: "512", found: "37") })
  }

  @Test func aBareHostSaysOfEachSettingWhyItHasNone() throws {
    let tree = try HostTreeFolder(["\(Self.cpu)/online": "0"])
    let items = tuning(tree).items()
    #expect(
      items.map(\.setting) == [
        "governor", "turbo", "idle states", "interrupts off CPU 0", "transparent huge pages",
        "automatic NUMA balancing", "reserved huge pages",
      ])
    #expect(items.allSatisfy { if case .absent(let reason) = $0.outcome { !reason.isEmpty } else { false } })
    let tuner = HostTuner(files: tree.files, statePath: statePath(tree))
    #expect(try tuner.apply(items) == items)
    #expect(try tree.contents().count == 1)
  }

  @Test(arguments: [
    "", "{}", "{\"schema\": \"nearmetal.tune/2\", \"saved\": []}",
    "{\"schema\": \"nearmetal.tune/1\", \"saved\": [{\"path\": \"/etc/passwd\", \"value\": \"x\"}]}",
    "{\"schema\": \"nearmetal.tune/1\", \"saved\": [{\"path\": \"/proc/irq/../../etc/passwd\", \"value\": \"x\"}]}",
  ])
  func aStateFileOfSomethingElseIsRefusedAndNothingIsWritten(text: String) throws {
    var host = Self.host
    host["/state/run/tune.json"] = text
    let tree = try HostTreeFolder(host)
    let tuner = HostTuner(files: tree.files, statePath: statePath(tree))
    #expect(throws: TuneError.self) { try tuner.reset() }
    #expect(throws: TuneError.self) { try tuner.apply(tuning(tree).items()) }
    #expect(try tree.contents() == host)
  }

  @Test func itemsOfOneKindShareALine() throws {
    let tree = try HostTreeFolder(Self.host)
    let lines = TuneItem.lines(tuning(tree).items())
    #expect(lines.contains("interrupts off CPU 0 (interrupt 24): 0-1 -> 1"))
    #expect(lines.contains("idle state C6 off (133 us to leave) (CPU 0): 0 -> 1"))
    #expect(lines.contains("reserved huge pages: 4, as wanted"))
  }
}
