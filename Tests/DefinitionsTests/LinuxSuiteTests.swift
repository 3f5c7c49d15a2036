import Definitions
import Foundation
import Results
import Testing

@Suite struct LinuxSuiteTests {
  private func message(_ text: String) -> String? {
    do throws(DefinitionError) {
      _ = try SuiteReader.parse(text, path: "s.yaml")
      return nil
    } catch { return error.description }
  }

  private static let guest = "kernel: k\ninitrd: i\n"

  @Test func aSuiteNamesItsGuest() throws {
    let suite = try SuiteReader.parse(
      "name: s\n\(Self.guest)append: noxsave\nworkloads: [linux.boot]", path: "folder/s.yaml")
    #expect(suite.guest == LinuxGuest(kernel: "k", initrd: "i", append: "noxsave") && suite.folder == "folder")
    #expect(suite.entries[0].linux?.job == .boot && suite.entries[0].disk != nil)
  }

  @Test func aFileIsLookedForHereAndThenBesideItsSuite() throws {
    let folder = NSTemporaryDirectory() + "suite-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data().write(to: URL(filePath: folder + "/there"))
    let suite = try SuiteReader.parse("name: s\nworkloads: [boot]", path: folder + "/s.yaml")
    #expect(suite.path(of: "there") == folder + "/there" && suite.path(of: "nowhere") == "nowhere")
    #expect(suite.path(of: "/there") == "/there")
  }

  @Test func whatAWorkloadWorksWithIsAllThatItHas() throws {
    let suite = try SuiteReader.parse(
      "name: s\n\(Self.guest)workloads: [linux.iperf3, {id: linux.perf, parameters: {bench: mem-memset, size: 1MiB}}]",
      path: "s.yaml")
    let (iperf, perf) = (suite.entries[0], suite.entries[1])
    #expect(iperf.disk == nil && iperf.net?.wire == .tap && iperf.net?.virtio.transport == .pci)
    #expect(perf.disk == nil && perf.net == nil)
    #expect(perf.paths == [.native, Path(.nearmetal, .guest), Path(.qemu, .guest)])
    guard case .iperf3(let asked) = iperf.linux?.job, case .perf(let bench) = perf.linux?.job else {
      Issue.record("a tool is the job")
      return
    }
    #expect(asked.direction == .transmit && asked.length == 128 << 10 && asked.parallel == 1)
    #expect(bench.benchmark == .fill && bench.size == 1 << 20 && bench.loops == 20 && bench.operations == nil)
  }

  private static let wrong: [(text: String, message: String)] = [
    (
      "name: s\nworkloads: [linux.boot]",
      "expected kernel and initrd beside linux.boot: ci/linux-guest --tool fio guest makes guest/vmlinuz and guest/initrd, found no kernel"
    ),
    ("name: s\nkernel: k\nworkloads: [linux.boot]", "found no initrd"),
    (
      "name: s\nkernel: k\nworkloads: [cpu.integer]",
      "expected a workload under Linux, such as linux.boot, beside kernel"
    ),
    ("name: s\nappend: x\nworkloads: [cpu.integer]", "beside append"),
    (
      "name: s\n\(guest)append: \"a\\u0007b\"\nworkloads: [linux.boot]",
      "s.yaml:4:9: expected words for the kernel's command line"
    ),
    ("name: s\n\(guest)workloads: [linux.command]", "expected cmd for linux.command, found no parameters"),
    ("name: s\n\(guest)workloads: [linux.fio]", "expected jobfile for linux.fio, found no parameters"),
    (
      "name: s\n\(guest)workloads: [{id: linux.command, parameters: {cmd: \"a\\nb\"}}]",
      "expected cmd: a line of 1 to 200 bytes without control characters"
    ),
    (
      "name: s\n\(guest)workloads: [{id: linux.command, parameters: {cmd: \(String(repeating: "x", count: 201))}}]",
      "expected cmd: a line of 1 to 200 bytes"
    ),
    (
      "name: s\n\(guest)workloads: [{id: linux.command, parameters: {cmd: ls, backing: memory}}]",
      "expected backing of file, direct, found memory"
    ),
    ("name: s\n\(guest)workloads: [{id: linux.boot, modes: [polled]}]", "expected modes of linux.boot"),
    ("name: s\n\(guest)machines: [native]\nworkloads: [linux.boot]", "expected a machine that linux.boot runs on"),
    ("name: s\n\(guest)workloads: [linux.boot, block.read]", "in suites of their own"),
    ("name: s\n\(guest)workloads: [linux.perf]", "expected bench for linux.perf, found no parameters"),
    (
      "name: s\n\(guest)workloads: [{id: linux.perf, parameters: {bench: sched-pipe, groups: 2}}]",
      "groups beside sched-messaging alone"
    ),
    (
      "name: s\n\(guest)workloads: [{id: linux.perf, parameters: {bench: sched-pipe, size: 1MiB}}]",
      "size beside benchmarks that move memory alone: mem-memcpy, mem-memset"
    ),
    (
      "name: s\n\(guest)workloads: [{id: linux.perf, parameters: {bench: sched-pipe}, modes: [paravirtual]}]",
      "expected modes of linux.perf"
    ),
    (
      "name: s\n\(guest)workloads: [{id: linux.iperf3, parameters: {length: 2MiB}}]",
      "expected length from 64 to 1048576"
    ),
    (
      "name: s\n\(guest)workloads: [{id: linux.iperf3, parameters: {direction: both}}]",
      "expected direction of transmit, receive"
    ),
  ]

  @Test(arguments: wrong.indices)
  func aMistakeIsSaid(index: Int) {
    let (text, expected) = Self.wrong[index]
    let found = message(text)
    #expect(found?.contains(expected) == true, "\(found ?? "none")")
  }

  @Test func withoutGuestsNoKernelIsNeeded() {
    let text = "name: s\nmachines: [native]\nworkloads: [{id: linux.command, parameters: {cmd: ls}}]"
    #expect(message(text) == nil)
  }

  @Test func bootsOfAnOperatingSystemAreInTheEstimateAndTakeNoTurns() throws {
    let suite = try SuiteReader.parse(
      "name: s\nblocks: 2\nwarmup: 0ms\nwindow: 1s\n\(Self.guest)workloads: [{id: linux.command, parameters: {cmd: ls}}]",
      path: "s.yaml")
    let estimate = SuiteEstimate(suite)
    #expect(estimate.legs == 10 && estimate.boots == 8 && estimate.windows == 10)
    #expect(estimate.seconds > 10 + 8 * 2)
    #expect(Plan(suite, seed: 1).groups.allSatisfy { $0.turnObstacle != nil && $0.sessions.count == 5 })
  }

  @Test(arguments: [
    "ls", "dd if=/dev/zero bs=1M", "echo \"a b\"", "\"quoted\"", "a=b c=d", "back\\slash with a blank", "x\\", "",
  ])
  func aParametersTextIsReadBackWhateverIsInIt(command: String) {
    let workload = Workload("linux.command", ["backing": "file", "cmd": ParameterValue(command), "z": "1"])
    #expect(Workload("linux.command", parameterText: workload.parameterText) == workload, "\(workload.parameterText)")
  }

  @Test func textWithoutBlanksIsAsItAlwaysWas() {
    #expect(Workload("a", ["b": "4KiB", "c": "x\"y"]).parameterText == "b=4KiB c=x\"y")
    #expect(Workload("a", parameterText: "b=4KiB  c=x\"y d").parameters == ["b": "4KiB", "c": "x\"y", "d": ""])
  }
}
