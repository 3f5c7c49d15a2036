import Glibc
import LinuxSystem
import Results

/// Baselines in a directory, as `FINGERPRINT/NAME/`: `result.json`, or the file of a bill, and `baseline.json` that says how it was made.
/// The second is written last and removed first: without it there is no baseline.
public struct BaselineStore: Sendable {
  public let directory: String

  public init(directory: String = "Baselines") {
    self.directory = directory
  }

  // MARK: Keeping

  /// Keeps a run's result as a baseline of its host.
  ///
  /// - Parameters:
  ///   - result: what is kept; it names the host.
  ///   - name: what the baseline is called, once a host; also the name of its folder.
  ///   - note: what the user wants to be remembered about it; empty where nothing was said.
  ///   - recordedAt: ISO 8601, UTC.
  ///   - replacing: whether a baseline of the name may be there, whose place this one takes; else that is an error.
  public func record(
    _ result: RunResult, name: String, note: String = "", recordedAt: String, replacing: Bool = false
  ) throws(BaselineError) -> Baseline {
    let bytes: [UInt8]
    do throws(ResultWriteError) { bytes = try ResultStore.encode(result) } catch { throw .unencodable(error) }
    return try record(
      result, as: ResultStore.fileName, bytes, name: name, note: note, recordedAt: recordedAt, replacing: replacing)
  }

  /// Keeps the bytes of a file as a baseline.
  /// - Parameters:
  ///   - result: what the baseline says of it.
  ///   - fileName: of the file.
  ///   - bytes: the file's content, kept as it is.
  ///   - name: what the baseline is called, once a host; also the name of its folder.
  ///   - note: what the user wants to be remembered about it; empty where nothing was said.
  ///   - recordedAt: ISO 8601, UTC.
  ///   - replacing: whether a baseline of the name may be there, whose place this one takes; else that is an error.
  public func record(
    _ result: RunResult, as fileName: String, _ bytes: [UInt8], name: String, note: String = "", recordedAt: String,
    replacing: Bool = false
  ) throws(BaselineError) -> Baseline {
    let folder = try folder(name, result.host.fingerprint)
    if AtomicFile.exists(Self.file(folder)), !replacing { throw .exists(name: name, path: folder) }
    let baseline = Baseline(result, name: name, note: note, recordedAt: recordedAt)
    guard let record = try? JSONText.encode(baseline) else {
      preconditionFailure("a baseline holds texts and whole numbers, which can be encoded")
    }
    try onFiles { () throws(FileError) in
      if AtomicFile.exists(Self.file(folder)), try replace(folder, fileName, bytes, record) { return }
      try AtomicFile.makeDirectory(folder)
      try fill(folder, fileName, bytes, record)
    }
    return baseline
  }

  private func fill(_ folder: String, _ fileName: String, _ bytes: [UInt8], _ record: [UInt8]) throws(FileError) {
    try AtomicFile.write(bytes, to: "\(folder)/\(fileName)")
    try AtomicFile.write(record, to: Self.file(folder))
  }

  /// Puts a new folder in the place of one that is there, so that both files are the old ones or the new ones at any moment.
  /// - Returns: false where the file system cannot exchange folders.
  private func replace(
    _ folder: String, _ fileName: String, _ bytes: [UInt8], _ record: [UInt8]
  ) throws(FileError) -> Bool {
    let fresh = AtomicFile.temporaryName(beside: folder)
    func discard() {
      for name in [Self.file(fresh), "\(fresh)/\(fileName)", fresh] { _ = unsafe Glibc.remove(name) }
    }
    do throws(FileError) {
      try AtomicFile.makeDirectory(fresh)
      try fill(fresh, fileName, bytes, record)
      guard try AtomicFile.exchange(fresh, folder) else {
        discard()
        return false
      }
    } catch {
      discard()
      throw error
    }
    // The old folder has the other name now. What the user put into it stays with the baseline.
    let own = [fileName, "baseline.json"]
    for name in (try? HostFiles().entries(fresh)) ?? [] where !own.contains(name) {
      _ = unsafe rename("\(fresh)/\(name)", "\(folder)/\(name)")
    }
    discard()
    return true
  }

  /// Removes a baseline of a host.
  /// - Parameters:
  ///   - name: the baseline's.
  ///   - fingerprint: the host's.
  ///   - fileName: what it is kept in beside its record.
  public func delete(
    _ name: String, fingerprint: String, fileName: String = ResultStore.fileName
  ) throws(BaselineError) {
    _ = try find(name, fingerprint: fingerprint)
    let folder = try folder(name, fingerprint)
    try onFiles { () throws(FileError) in
      try AtomicFile.remove(Self.file(folder))
      try AtomicFile.remove("\(folder)/\(fileName)")
    }
    // What the user put beside them stays, and so does its folder.
    _ = unsafe rmdir(folder)
    _ = unsafe rmdir("\(directory)/\(fingerprint)")
  }

  // MARK: Finding

  /// Every baseline of every host, by fingerprint and name.
  public func list() throws(BaselineError) -> [Baseline] {
    var baselines: [Baseline] = []
    for fingerprint in Self.folders(directory) {
      for name in Self.folders("\(directory)/\(fingerprint)") {
        let folder = "\(directory)/\(fingerprint)/\(name)"
        if AtomicFile.exists(Self.file(folder)) { baselines.append(try read(folder)) }
      }
    }
    return baselines
  }

  /// The baseline of a name for a host.
  public func find(_ name: String, fingerprint: String) throws(BaselineError) -> Baseline {
    let folder = try folder(name, fingerprint)
    guard AtomicFile.exists(Self.file(folder)) else {
      let others = Self.folders(directory).filter { AtomicFile.exists(Self.file("\(directory)/\($0)/\(name)")) }
      throw .missing(name: name, fingerprint: fingerprint, directory: directory, others: others)
    }
    return try read(folder)
  }

  /// Where a baseline of a host lies.
  public func path(_ name: String, fingerprint: String) throws(BaselineError) -> String {
    _ = try find(name, fingerprint: fingerprint)
    return try folder(name, fingerprint)
  }

  /// The run that a baseline is.
  public func result(_ name: String, fingerprint: String) throws(BaselineError) -> RunResult {
    _ = try find(name, fingerprint: fingerprint)
    let folder = try folder(name, fingerprint)
    do throws(DocumentReadError) { return try ResultStore.read(folder) } catch { throw .result(error) }
  }

  private func read(_ folder: String) throws(BaselineError) -> Baseline {
    let path = Self.file(folder)
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path) } catch { throw .file(error) }
    guard let baseline = try? JSONText.decode(Baseline.self, from: bytes) else {
      throw .malformed(path: path, reason: "found something else; delete it and record it again")
    }
    guard baseline.schema == Baseline.currentSchema else {
      throw .malformed(path: path, reason: "found schema \(baseline.schema) instead of \(Baseline.currentSchema)")
    }
    return baseline
  }

  // MARK: Paths

  private func folder(_ name: String, _ fingerprint: String) throws(BaselineError) -> String {
    guard Self.isSafe(name) else { throw .badName(name) }
    guard Self.isSafe(fingerprint) else { throw .badFingerprint(fingerprint) }
    return "\(directory)/\(fingerprint)/\(name)"
  }

  /// A name that stays one component of a path, whatever the system does with names.
  private static func isSafe(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
    func isPlain(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
      default: false
      }
    }
    let signs = [".", "_", "-"].compactMap(\.utf8.first)
    return isPlain(first) && name.utf8.allSatisfy { isPlain($0) || signs.contains($0) }
  }

  private static func file(_ folder: String) -> String { "\(folder)/baseline.json" }

  private static func folders(_ path: String) -> [String] {
    let names = (try? HostFiles().entries(path)) ?? []
    return names.filter { isSafe($0) && AtomicFile.isDirectory("\(path)/\($0)") }.sorted()
  }

  private func onFiles(_ body: () throws(FileError) -> Void) throws(BaselineError) {
    do throws(FileError) { try body() } catch { throw .file(error) }
  }
}
