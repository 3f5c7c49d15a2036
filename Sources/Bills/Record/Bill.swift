import EmulatedHost
import Results

/// What virtualization costs on one kernel with one monitor, as it is kept in `bill.json`. The unit is instructions: time has no
/// meaning on the host that it was made on.
public struct Bill: Codable, Sendable, Equatable {
  /// The schema that this version reads and writes.
  public static let currentSchema = "nearmetal.bill/1"

  public var schema: String
  public var run: BillRun
  public var host: BillHost
  /// In the suite's order.
  public var lines: [BillLine]

  public init(run: BillRun, host: BillHost, lines: [BillLine]) {
    schema = Self.currentSchema
    (self.run, self.host, self.lines) = (run, host, lines)
  }
}

/// What was asked for, and with which tool.
public struct BillRun: Codable, Sendable, Equatable {
  /// Unique among the bills of a host.
  public var id: String
  /// When it began: ISO 8601, UTC.
  public var startedAt: String
  public var suite: String
  /// What the suite said. Bills of different content are not compared.
  public var content: SuiteRecord?
  /// The command line, element by element.
  public var command: [String]
  public var tool: ToolRecord
  public var buildConfiguration: BuildConfiguration
  /// How often everything was run, each time on a host of its own: 2, or 1 where a pass was cut short.
  public var passes: Int
  /// Why not all passes are there; nil where they are.
  public var incomplete: String?
  /// The slowdown that was added on purpose; nil in every bill of the program as it is.
  public var injection: InjectionRecord?

  public init(
    id: String, startedAt: String, suite: String, content: SuiteRecord?, command: [String], tool: ToolRecord,
    buildConfiguration: BuildConfiguration, passes: Int, incomplete: String? = nil
  ) {
    (self.id, self.startedAt, self.suite, self.content) = (id, startedAt, suite, content)
    (self.command, self.tool, self.buildConfiguration) = (command, tool, buildConfiguration)
    (self.passes, self.incomplete) = (passes, incomplete)
  }
}

/// The emulated host.
public struct BillHost: Codable, Sendable, Equatable {
  public var backend: HostBackend
  /// `QEMU emulator version 7.2.22`.
  public var emulator: String
  /// The processor that it emulates: model and identity.
  public var processor: String
  /// What was asked for by `--kernel`; nil for the usual one.
  public var kernel: String?
  /// What the kernel says of itself.
  public var release: String
  public var version: String
  /// The words that were added to its command line.
  public var append: [String]

  public init(
    backend: HostBackend, emulator: String, processor: String, kernel: String?, release: String, version: String,
    append: [String]
  ) {
    (self.backend, self.emulator, self.processor) = (backend, emulator, processor)
    (self.kernel, self.release, self.version, self.append) = (kernel, release, version, append)
  }

  /// `svm`, as results name theirs.
  public var backendName: String { backend.rawValue }

  /// `Linux 6.1.0-56-cloud-amd64, svm`, with the words that were added.
  public var summary: String {
    "Linux \(release), \(backend.rawValue)" + (append.isEmpty ? "" : ", \(append.joined(separator: " "))")
  }
}
