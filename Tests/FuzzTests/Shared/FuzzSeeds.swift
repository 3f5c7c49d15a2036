import Glibc
import Images
import LinuxSystem
import Probe
import Results

/// Inputs to begin with: files of each kind that are right.
enum FuzzSeeds {
  /// Those of a target, and those that runs have found (``FuzzCorpus``).
  static func inputs(_ target: String, repository: String) throws -> [[UInt8]] {
    try right(target, repository: repository) + FuzzCorpus.inputs(target, repository: repository)
  }

  /// Files of the repository, or small ones that the program makes itself. Targets whose inputs are decisions of a test need none.
  private static func right(_ target: String, repository: String) throws -> [[UInt8]] {
    let fixtures = "\(repository)/Tests/CompatibilityTests/Fixtures"
    switch target {
    case "vhd": return try images(.vpc, [["subformat=fixed"], ["subformat=dynamic"]])
    case "vmdk": return try images(.vmdk, [["subformat=monolithicSparse"]])
    case "qcow2": return try images(.qcow2, [["cluster_size=512"], ["cluster_size=4096,compat=0.10"]])
    case "suite": return try files("\(repository)/Workloads/Suites", ".yaml")
    case "claims": return try files("\(repository)/Workloads/Claims", ".yaml")
    case "profile": return try files("\(repository)/Workloads/Profiles", ".yaml")
    case "history": return try files(fixtures, ".sqlite")
    case "bundle": return try files(fixtures, ".tar.zst")
    case "elf": return [try AtomicFile.read(try ProbeImage.bundled().path)]
    case "iperf3": return [Array(iperf3.utf8)]
    case "result": return [try ResultStore.encode(try small(fixtures))]
    case "journal": return [try journal(try small(fixtures))]
    default: return []
    }
  }

  private static let iperf3 = """
    {"start": {"version": "iperf 3.12", "test_start": {"protocol": "TCP", "num_streams": 1, "blksize": 131072, "reverse": 0}},
    "end": {"sum_sent": {"bytes": 1310720, "bits_per_second": 1e7, "retransmits": 1},
    "sum_received": {"bytes": 1310720, "bits_per_second": 1e7},
    "cpu_utilization_percent": {"host_total": 1, "remote_total": 1}}}
    """

  /// The files of a folder, and of those in it, whose names end in this way.
  private static func files(_ folder: String, _ suffix: String) throws -> [[UInt8]] {
    try paths(folder, suffix).map { try AtomicFile.read($0) }
  }

  private static func paths(_ folder: String, _ suffix: String) throws -> [String] {
    try HostFiles().entries(folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      return AtomicFile.isDirectory(path) ? try paths(path, suffix) : name.hasSuffix(suffix) ? [path] : []
    }
  }

  private static func inFolder<T>(_ body: (String) throws -> T) throws -> T {
    let folder = "/dev/shm/nearmetal-fuzz-seeds-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    try AtomicFile.makeDirectory(folder)
    defer {
      for name in (try? HostFiles().entries(folder)) ?? [] { try? AtomicFile.remove("\(folder)/\(name)") }
      _ = unsafe rmdir(folder)
    }
    return try body(folder)
  }

  private static func images(_ format: ImageFormat, _ options: [[String]]) throws -> [[UInt8]] {
    try inFolder { folder in
      try options.map { options in
        let path = "\(folder)/image"
        try ImageCreation.create(path, ImageOptions(format, options, path: path), size: 64 << 10, replaces: true)
        let disk = try VirtualDisk.open(path, OpenOptions(format: format, readOnly: false))
        let data = [UInt8](repeating: 0xa5, count: 1024)
        unsafe try data.withUnsafeBytes { unsafe try disk.write($0, at: 4096) }
        try disk.flush()
        return try AtomicFile.read(path)
      }
    }
  }

  /// A run with a leg or two of everything, so that thousands of them can be read in a second.
  private static func small(_ fixtures: String) throws -> RunResult {
    guard let path = try paths(fixtures, "result.json").first else {
      throw FuzzProblem("\(fixtures) has no result.json")
    }
    var result = try ResultStore.decode(try AtomicFile.read(path), path: path)
    result.legs = Array(result.legs.prefix(2))
    result.comparisons = Array(result.comparisons.prefix(2))
    result.variants = nil
    result.summaries = Array(result.summaries.prefix(2))
    result.claims = Array(result.claims.prefix(1))
    result.counted = result.counted.map { Array($0.prefix(1)) }
    return result
  }

  private static func journal(_ result: RunResult) throws -> [UInt8] {
    try inFolder { folder in
      var empty = result
      (empty.legs, empty.comparisons, empty.summaries) = ([], [], [])
      let journal = try RunJournal(beginning: empty, in: folder) { fatalError("\($0)") }
      journal.append(result.legs)
      journal.end(RunJournal.BlockEnd(blocks: 1, began: 0, ended: 1, run: result.run))
      return try AtomicFile.read("\(folder)/run.jsonl")
    }
  }
}
