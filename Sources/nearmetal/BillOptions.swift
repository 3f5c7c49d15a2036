import ArgumentParser
import Bills
import Definitions
import EmulatedHost
import Foundation
import LinuxSystem
import Results

/// What a bill is made of, as every command that makes one takes it.
struct BillOptions: ParsableArguments {
  @Option(help: "The host's KVM: svm (by QEMU), or vmx (by Bochs, which takes minutes).")
  var backend = HostBackend.svm
  @Option(
    help: """
      The kernel: a Debian package, fetched once; its .deb file; a kernel's build tree; or a folder with boot/vmlinuz-* and \
      lib/modules. Debian's cloud kernel if it is not given.
      """)
  var kernel: String?
  @Option(help: "Words for the kernel's command line (repeatable); MODULE.PARAMETER=VALUE reaches modules as well.")
  var append: [String] = []
  @Option(
    name: [.customLong("monitor"), .customLong("monitors")],
    help: "Whose bill: nearmetal, qemu, or nearmetal,qemu (repeatable).")
  var monitor = [Monitors(machines: [.nearmetal])]
  @Option(help: "What is counted: a suite's name or the path of a YAML file.")
  var suite = "bill"
  @Option(help: "The nearmetal that the host carries, whose monitor is billed; this program if it is not given.")
  var program: String?
  @Option(help: "Hosts that run at a time: 1 or 2. Two need 4 GiB of memory and two processors.")
  var atOnce = 2
  @Option(
    help:
      "Slows the nearmetal monitor on purpose, as for nearmetal run, to see what a bill finds; a nanosecond is an instruction."
  )
  var inject: String?
  @Option(help: "The longest that the suite may take on the host, such as 10m.")
  var timeout = "30m"
  /// Each once.
  private var monitors: [Machine] {
    Machine.allCases.filter { machine in monitor.contains { $0.machines.contains(machine) } }
  }

  func validate() throws {
    guard !monitors.contains(.native) else {
      throw ValidationError("--monitor: expected nearmetal or qemu, found native, which has none")
    }
    guard (1...2).contains(atOnce) else { throw ValidationError("--at-once: expected 1 or 2, found \(atOnce)") }
    guard let time = Quantity.parse(timeout), (10_000_000_000...86_400_000_000_000).contains(time) else {
      throw ValidationError("--timeout: expected a time from 10s to 24h, found \(timeout)")
    }
    if let inject, InjectionRecord(inject) == nil {
      throw ValidationError("--inject: expected \(InjectionRecord.expected), found \(inject)")
    }
    for word in append where word.contains(where: \.isNewline) || word.isEmpty {
      throw ValidationError("--append: expected words for a kernel's command line")
    }
  }

  /// Makes a bill, or ends the program with the reason.
  /// - Parameters:
  ///   - output: where the consoles of hosts go that failed.
  ///   - kernel, append: other values than those that were given.
  func make(
    keeping output: String, _ interruption: Interruption, kernel: String? = nil, append: [String] = []
  ) throws -> Bill {
    let file = try suiteFile()
    let scratch = FileManager.default.temporaryDirectory.appending(path: "nearmetal-bill-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    var plan = BillPlan(
      backend: backend, kernel: kernel ?? self.kernel, append: self.append + append, monitors: monitors, suite: file,
      program: try carried(), atOnce: atOnce, seconds: (Quantity.parse(timeout) ?? 0) / 1_000_000_000,
      command: CommandLine.arguments)
    plan.inject = inject
    let text = Date().formatted(.iso8601)
    do {
      try AtomicFile.makeDirectory(output)
      try AtomicFile.makeDirectory(scratch)
      return try BillMaker(plan, scratch: scratch, interruption) { say($0) }
        .make(id: text.filter { $0 != "-" && $0 != ":" }, startedAt: text)
    } catch let error as BillError {
      keepConsole(of: scratch, in: output)
      throw ended(by: error)
    } catch { throw end(error) }
  }

  /// The suite's file, once the suite is known to be one that has something for these monitors.
  private func suiteFile() throws -> String {
    let suite: Suite
    let file: String
    do throws(DefinitionError) {
      (suite, file) = (try SuiteReader.read(self.suite), try SuiteReader.file(self.suite))
    } catch {
      throw end(error)
    }
    guard !suite.restricted(to: Set(monitors)).entries.isEmpty else {
      throw end(
        Status.usage,
        "--suite \(self.suite): it measures nothing on \(monitors.map(\.rawValue).joined(separator: " or "))")
    }
    return file
  }

  /// The program that goes into the host, by its own file: links would not lead to its resources.
  private func carried() throws -> String {
    let path = program ?? "/proc/self/exe"
    let real = URL(filePath: path).resolvingSymlinksInPath().path
    guard isExecutable(real) else { throw end(Status.usage, "--program: \(path) is no program") }
    return real
  }

  /// What the hosts' consoles had to say goes with the failure.
  private func keepConsole(of scratch: String, in output: String) {
    for name in ["console1", "console2"] {
      guard let bytes = try? AtomicFile.read("\(scratch)/\(name)"), !bytes.isEmpty else { continue }
      let path = "\(output)/\(name).log"
      if (try? AtomicFile.write(bytes, to: path)) != nil { say("the host's console is \(path)") }
    }
  }

  private func ended(by error: BillError) -> ExitCode {
    switch error {
    case .host(.unavailable(let why)): end(Status.unavailable, why)
    case .host(.usage(let why)): end(Status.usage, why)
    case .host(.incomplete(let why)): end(Status.incompleteWorkload, why)
    case .host(.interrupted): end(Status.interrupted, "interrupted: no bill was made")
    case .unlike: end(Status.incompleteWorkload, error.description)
    case .file: end(error)
    }
  }
}

extension HostBackend: ExpressibleByArgument {}
extension Machine: ExpressibleByArgument {}

/// Monitors between commas, as a command line names them.
struct Monitors: ExpressibleByArgument, CustomStringConvertible {
  let machines: [Machine]

  init(machines: [Machine]) { self.machines = machines }

  init?(argument: String) {
    let words = argument.split(separator: ",", omittingEmptySubsequences: false)
    machines = words.compactMap { Machine(rawValue: String($0)) }
    guard machines.count == words.count else { return nil }
  }

  var description: String { machines.map(\.rawValue).joined(separator: ",") }
  var defaultValueDescription: String { description }
}
