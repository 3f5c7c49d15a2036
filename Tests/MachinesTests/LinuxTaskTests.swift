import Definitions
import Foundation
import LinuxBoot
import Results
import Testing

@testable import Machines

/// The scripts that a guest gets with its job, and what its shell makes of them.
@Suite struct LinuxTaskTests {
  private static func job(_ workload: String) throws -> LinuxSpecification {
    let suite = try SuiteReader.parse("name: s\nmachines: [native]\nworkloads: [\(workload)]", path: "s.yaml")
    return try #require(suite.entries.first?.linux)
  }

  private static func task(_ workload: String, window: UInt64 = 0) throws -> LinuxTask {
    let linux = try job(workload)
    return LinuxTask(
      LinuxScript(linux.job, window: window), hasDisk: linux.disk != nil, hasNet: linux.net != nil)
  }

  private static func text(_ task: LinuxTask) throws -> String {
    String(decoding: try task.archive().bytes(), as: UTF8.self)
  }

  private static let places = LinuxScript.Places(program: "P", jobs: "J", results: "R")

  @Test func theScriptsOfATaskAreInItsArchive() throws {
    let task = LinuxTask(LinuxScript(.command("ls -l")))
    let text = try Self.text(task)
    #expect(task.token.count == 16)
    for part in ["nearmetal/hello", "nearmetal/run", "nearmetal/job", "ls -l\n", "nearmetal-job \(task.token) start"] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(!(try Self.text(LinuxTask(LinuxScript(.boot))).contains("nearmetal/job")))
    let fio = LinuxTask(LinuxScript(.fio(jobFile: "j"), isReadOnly: true), fioJobs: Array("[a]\n".utf8))
    #expect(try Self.text(fio).contains("--output-format=json+ --readonly"))
  }

  @Test func aGuestWaitsForWhatItsJobHas() throws {
    let disk = try Self.text(Self.task("{id: linux.command, parameters: {cmd: ls}}"))
    #expect(disk.contains("/dev/vda") && !disk.contains("ip addr"))
    let net = try Self.text(Self.task("linux.iperf3"))
    #expect(!net.contains("/dev/vda") && net.contains("ip addr add 10.77.0.2/24"))
    let none = try Self.text(Self.task("{id: linux.perf, parameters: {bench: sched-pipe}}"))
    #expect(!none.contains("/dev/vda") && !none.contains("ip addr"))
  }

  private static let lines: [(workload: String, line: String)] = [
    ("{id: linux.command, parameters: {cmd: ls -l}}", "ls -l"),
    (
      "linux.iperf3",
      "exec P --client 10.77.0.1 --json --interval 0 --connect-timeout 20000 --time 3 --length 131072 --parallel 1 >R"
    ),
    (
      "{id: linux.iperf3, parameters: {direction: receive, length: 64KiB, parallel: 4}}",
      "exec P --client 10.77.0.1 --json --interval 0 --connect-timeout 20000 --time 3 --length 65536 --parallel 4 --reverse >R"
    ),
    (
      "{id: linux.perf, parameters: {bench: sched-messaging, groups: 2, loops: 5}}",
      "P --version >R && exec P bench --format simple sched messaging --group 2 --nr_loops 5 >>R"
    ),
    (
      "{id: linux.perf, parameters: {bench: sched-pipe}}",
      "P --version >R && exec P bench --format simple sched pipe --loop 100000 >>R"
    ),
    (
      "{id: linux.perf, parameters: {bench: mem-memset, size: 1MiB}}",
      "P --version >R && exec P bench --format simple mem memset --size 1048576 --nr_loops 20 --function default >>R"
    ),
  ]

  @Test(arguments: lines.indices)
  func hostAndGuestDoTheSameLine(index: Int) throws {
    let (workload, line) = Self.lines[index]
    #expect(LinuxScript(try Self.job(workload).job, window: 2_500_000_000).line(Self.places) == line)
  }

  @Test func aClientsWindowIsWholeSecondsAndAtLeastOne() throws {
    let job = try Self.job("linux.iperf3").job
    for (window, seconds) in [(0, 1), (1, 1), (1_000_000_000, 1), (1_000_000_001, 2), (UInt64.max, 18_446_744_074)] {
      #expect(LinuxScript(job, window: window).line(Self.places)?.contains("--time \(seconds) ") == true)
    }
  }

  /// A guest's folder of scripts in a folder of this host, and what a shell says there that has busybox's programs and no others.
  private static func run(_ task: LinuxTask) throws -> String {
    let folder = NSTemporaryDirectory() + "task-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["sh", "cat", "sleep", "tail", "wc", "gzip", "base64"] {
      try FileManager.default.createSymbolicLink(atPath: "\(folder)/bin/\(name)", withDestinationPath: program)
    }
    _ = try busybox(["cpio", "-i"], in: folder, input: try task.archive().bytes())
    // What a guest has at its root is in the folder here, and nothing is waited for.
    func script(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder)/nearmetal/\(name)", encoding: .utf8)
        .replacing("/nearmetal/", with: "\(folder)/nearmetal/").replacing("sleep 60", with: "true")
    }
    try script("job").write(toFile: folder + "/nearmetal/job", atomically: true, encoding: .utf8)
    return try busybox(["sh", "-c", try script("run")], in: folder)
  }

  private static func busybox(_ words: [String], in folder: String, input: [UInt8] = []) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = words
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = ["PATH": "\(folder)/bin"]
    let (given, said) = (Pipe(), Pipe())
    process.standardInput = given
    process.standardOutput = said
    process.standardError = FileHandle.nullDevice
    try process.run()
    given.fileHandleForWriting.write(Data(input))
    try given.fileHandleForWriting.close()
    let text = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text
  }

  private static let program = "/bin/busybox"

  private static func answer(_ task: LinuxTask, _ job: LinuxSpecification.Job) throws -> LinuxAnswer {
    var console = LinuxConsole(token: task.token)
    for byte in try run(task).utf8 { _ = console.receive(byte) }
    #expect(console.problem == nil && console.stage == .done, "\(console.problem ?? "\(console.stage)")")
    return LinuxAnswer(
      job: job, status: console.status ?? -1, output: console.answers[.output] ?? [],
      results: console.answers[.results])
  }

  private static let hasBusybox = FileManager.default.isExecutableFile(atPath: program)

  @Test(.enabled(if: hasBusybox, "busybox is not installed"))
  func aShellSaysWhatTheConsoleReads() throws {
    let task = LinuxTask(LinuxScript(.command("echo one; echo two >&2; exit 3")), hasDisk: false)
    let answer = try Self.answer(task, .command(""))
    #expect(answer.status == 3 && answer.output == Array("one\ntwo\n".utf8) && answer.results == nil)
  }

  @Test(.enabled(if: hasBusybox, "busybox is not installed"))
  func aToolThatIsNotThereIsALackWithWhatToDo() throws {
    let job = try Self.job("{id: linux.perf, parameters: {bench: sched-pipe}}").job
    let answer = try Self.answer(LinuxTask(LinuxScript(job), hasDisk: false), job)
    #expect(
      answer.lack == "the guest has no perf that starts: ci/linux-guest --tool perf guest makes one that has it")
  }
}
