/// What a suite said when it was run: two suites of one name may have other content.
public struct SuiteRecord: Codable, Sendable, Equatable {
  /// Nanoseconds.
  public var warmup: UInt64
  public var window: UInt64
  /// How long the windows of turns were: `none`, `standard`, or nanoseconds.
  public var turn: String
  /// Bytes.
  public var memory: UInt64
  public var disk: UInt64
  /// Pages of guest RAM and native memory: `none`, `thp`, `hugetlb`.
  public var pages: String
  /// In the suite's order.
  public var entries: [Entry]
  /// What guests of workloads under Linux booted; nil where there were none.
  public var guest: Guest?
  /// SHA-256 of fio's job files in hexadecimal, by their names in the suite; nil where there were none.
  public var jobs: [String: String]?

  /// An operating system, as the suite named it, and SHA-256 of its files in hexadecimal.
  public struct Guest: Codable, Sendable, Equatable {
    public var kernel: String
    public var kernelSHA256: String?
    public var initrd: String
    public var initrdSHA256: String?
    /// Words for the kernel's command line; empty for none.
    public var append: String

    public init(kernel: String, initrd: String, append: String) {
      (self.kernel, self.initrd, self.append) = (kernel, initrd, append)
    }
  }

  /// A workload with the paths that it took, as texts: `native`, `nearmetal polled`.
  public struct Entry: Sendable, Equatable {
    public var workload: Workload
    /// Nanoseconds; absent where they are the suite's.
    public var window: UInt64?
    public var paths: [String]

    public init(workload: Workload, window: UInt64? = nil, paths: [String]) {
      self.workload = workload
      self.window = window
      self.paths = paths
    }
  }

  public init(
    warmup: UInt64, window: UInt64, turn: String, memory: UInt64, disk: UInt64, pages: String, entries: [Entry]
  ) {
    self.warmup = warmup
    self.window = window
    self.turn = turn
    self.memory = memory
    self.disk = disk
    self.pages = pages
    self.entries = entries
  }

  /// What differs between two runs that make a ratio, a phrase each: `a window of 80 ms in the base, 40 ms in the head`. Empty where
  /// one of them kept none.
  public static func differences(_ base: SuiteRecord?, _ head: SuiteRecord?) -> [String] {
    guard let base, let head else { return [] }
    func milliseconds(_ time: UInt64) -> String { "\(Double(time) / 1e6) ms" }
    func mebibytes(_ size: UInt64) -> String { "\(size >> 20) MiB" }
    let fields: [(String, String, String)] = [
      ("a warm-up of", milliseconds(base.warmup), milliseconds(head.warmup)),
      ("a window of", milliseconds(base.window), milliseconds(head.window)),
      ("turns of", base.turn, head.turn),
      ("a memory of", mebibytes(base.memory), mebibytes(head.memory)),
      ("a disk of", mebibytes(base.disk), mebibytes(head.disk)),
      ("pages", base.pages, head.pages),
      ("the kernel's words", base.guest?.append ?? "", head.guest?.append ?? ""),
    ]
    var differences = fields.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.1) in the base, \($0.2) in the head" }
    differences += files(base, head)
    let windows = Dictionary(
      base.entries.map { ($0.workload, $0.window ?? base.window) }, uniquingKeysWith: { first, _ in first })
    // Windows of the suites themselves are said already.
    for entry in head.entries where entry.window != nil || base.window == head.window {
      guard let ours = windows[entry.workload], ours != entry.window ?? head.window else { continue }
      differences.append(
        "a window of \(milliseconds(ours)) for \(entry.workload) in the base, "
          + "\(milliseconds(entry.window ?? head.window)) in the head")
    }
    func works(_ record: SuiteRecord) -> Set<String> {
      Set(record.entries.flatMap { entry in entry.paths.map { "\(entry.workload) on \($0)" } })
    }
    let (ours, theirs) = (works(base), works(head))
    for (side, only) in [("base", ours.subtracting(theirs)), ("head", theirs.subtracting(ours))] {
      guard let first = only.min() else { continue }
      differences.append("only the \(side) measures \(first)" + (only.count > 1 ? " and \(only.count - 1) more" : ""))
    }
    return differences
  }

  /// Files that are others: by their content where both runs know it, whatever their names are.
  private static func files(_ base: SuiteRecord, _ head: SuiteRecord) -> [String] {
    typealias File = (path: String, digest: String?)
    func guest(_ record: SuiteRecord) -> [(String, File)] {
      guard let guest = record.guest else { return [] }
      return [
        ("the kernel", (guest.kernel, guest.kernelSHA256)),
        ("the initial RAM disk", (guest.initrd, guest.initrdSHA256)),
      ]
    }
    func jobs(_ record: SuiteRecord) -> [(String, File)] {
      (record.jobs ?? [:]).sorted { $0.key < $1.key }.map { ("the job file", ($0.key, $0.value)) }
    }
    func text(_ file: File) -> String { file.path + (file.digest.map { " (SHA-256 \($0.prefix(12)))" } ?? "") }
    var pairs: [(what: String, base: File, head: File)] = []
    let none: File = ("none", nil)
    let (ours, theirs) = (guest(base), guest(head))
    for index in 0..<max(ours.count, theirs.count) {
      let (our, their) = (ours.dropFirst(index).first, theirs.dropFirst(index).first)
      pairs.append((our?.0 ?? their?.0 ?? "", our?.1 ?? none, their?.1 ?? none))
    }
    // One that only one of them has belongs to a workload that the other has not, which is said.
    let others = Dictionary(uniqueKeysWithValues: jobs(head).map { ($0.1.path, $0.1) })
    for (what, file) in jobs(base) { if let other = others[file.path] { pairs.append((what, file, other)) } }
    return pairs.compactMap { what, our, their in
      let isSame =
        if let one = our.digest, let other = their.digest { one == other } else { our.path == their.path }
      return isSame ? nil : "\(what) \(text(our)) in the base, \(text(their)) in the head"
    }
  }
}

// Flat: the fields of `workload` stand among the record's own.
extension SuiteRecord.Entry: Codable {
  private enum Field: String, CodingKey { case window, paths }

  public init(from decoder: any Decoder) throws {
    workload = try Workload(from: decoder)
    let fields = try decoder.container(keyedBy: Field.self)
    window = try fields.decodeIfPresent(UInt64.self, forKey: .window)
    paths = try fields.value(.paths)
  }

  public func encode(to encoder: any Encoder) throws {
    try workload.encode(to: encoder)
    var fields = encoder.container(keyedBy: Field.self)
    try fields.encodeIfPresent(window, forKey: .window)
    try fields.encode(paths, forKey: .paths)
  }
}
