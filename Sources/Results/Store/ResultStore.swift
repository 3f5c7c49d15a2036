import LinuxSystem

/// `result.json` in a run's directory. The same value always gives the same bytes: keys are sorted, doubles have the least
/// digits that read back to the same double, and there is one newline at the end.
public enum ResultStore {
  public static let fileName = "result.json"

  // MARK: Writing

  /// The file's bytes.
  public static func encode(_ result: RunResult) throws(ResultWriteError) -> [UInt8] {
    do throws(JSONProblem) { return try JSONText.encode(result) } catch {
      throw .unencodable(place: error.place, reason: error.expected)
    }
  }

  /// Makes sure, before anything is measured, that a run's directory is there, may be written, has room, and holds no result yet,
  /// nor the journal of a run that did not come to its end.
  ///
  /// - Parameters:
  ///   - directory: of the run; it is made where it is absent.
  ///   - replacing: whether another run's result may be there; it stays until the new one is written.
  ///   - legs: that will be kept.
  public static func prepare(_ directory: String, replacing: Bool = false, legs: Int = 0) throws(ResultWriteError) {
    try onFiles { () throws(FileError) in try AtomicFile.makeDirectory(directory) }
    let path = "\(directory)/\(fileName)"
    if AtomicFile.exists(path), !replacing { throw .foreignResult(path: path, found: describe(path)) }
    if KeptRun.isIn(directory), !replacing { throw .unfinishedRun(directory: directory) }
    let (needed, free) = (UInt64(legs) * bytesPerLeg, FileSystem.freeBytes(directory))
    if let free, free < needed { throw .noRoom(directory: directory, free: free, needed: needed) }
    try onFiles { () throws(FileError) in
      try AtomicFile.write([], to: "\(path).probe")
      try AtomicFile.remove("\(path).probe")
    }
  }

  /// Writes the result into its run's directory, which is made where it is absent. A result of the same run is replaced;
  /// one of another run is an error.
  ///
  /// - Parameters:
  ///   - result: whole, or as far as an interrupted run came.
  ///   - directory: of the run.
  ///   - replacing: whether one of another run may be replaced too.
  public static func write(
    _ result: RunResult, to directory: String, replacing: Bool = false
  ) throws(ResultWriteError) {
    let bytes = try encode(result)
    let path = "\(directory)/\(fileName)"
    if AtomicFile.exists(path), !replacing, runIdentifier(in: path) != result.run.id {
      throw .foreignResult(path: path, found: describe(path))
    }
    try onFiles { () throws(FileError) in
      try AtomicFile.makeDirectory(directory)
      try AtomicFile.write(bytes, to: path)
    }
  }

  /// What a leg takes in the journal, the result and the report that are made of it, at most by far the most runs.
  private static let bytesPerLeg: UInt64 = 64 << 10

  private static func onFiles(_ body: () throws(FileError) -> Void) throws(ResultWriteError) {
    do throws(FileError) { try body() } catch { throw .file(error) }
  }

  /// What a file holds, for a message.
  private static func describe(_ path: String) -> String {
    runIdentifier(in: path).map { "the result of run \($0)" } ?? "something that is not a result"
  }

  /// The run whose result a file holds; nil where it holds none of this schema. Looks no further: a run that saves as it
  /// goes asks this each time.
  private static func runIdentifier(in path: String) -> String? {
    struct Head: Decodable {
      struct Run: Decodable {
        var id: String
      }
      var schema: String
      var run: Run
    }
    guard let bytes = try? AtomicFile.read(path), let head = try? JSONText.decode(Head.self, from: bytes),
      head.schema == RunResult.currentSchema
    else { return nil }
    return head.run.id
  }

  // MARK: Reading

  /// Reads a result from its file, or from the directory that holds it.
  public static func read(_ path: String) throws(DocumentReadError) -> RunResult {
    let (file, bytes) = try SchemaDocument.read(path, fileName: fileName)
    return try decode(bytes, path: file)
  }

  /// Reads a result from the bytes of a file, which messages call `path`.
  public static func decode(_ bytes: [UInt8], path: String) throws(DocumentReadError) -> RunResult {
    let result: RunResult = try SchemaDocument.decode(bytes, path: path, schema: RunResult.currentSchema) {
      () throws(JSONProblem) in try JSONText.decode(from: bytes)
    }
    if let problem = ResultValidator.firstProblem(in: result) {
      throw .malformed(path: path, place: problem.place, expected: problem.expected)
    }
    return result
  }
}

/// Why a result could not be written, in one line.
public enum ResultWriteError: OutputFailure, Equatable, CustomStringConvertible {
  case file(FileError)
  /// The directory holds a result of another run, or a `result.json` that is none.
  case foreignResult(path: String, found: String)
  /// The directory holds what a run measured that did not come to its end.
  case unfinishedRun(directory: String)
  /// The directory's file system has too little room for what is to be measured.
  case noRoom(directory: String, free: UInt64, needed: UInt64)
  /// A field cannot be kept: an infinite figure, say. The field is named by its path.
  case unencodable(place: String, reason: String)

  public var description: String {
    switch self {
    case .file(let error): error.description
    case .foreignResult(let path, let found):
      "cannot write \(path): it holds \(found). Choose another directory, move that one away, or use --replace."
    case .unfinishedRun(let directory):
      "cannot begin a run in \(directory): \(RunJournal.fileName) is of one that did not come to its end. Use nearmetal run "
        + "--resume \(directory) to go on with it, nearmetal report \(directory) to see it, or --replace to discard it."
    case .noRoom(let directory, let free, let needed):
      "cannot keep a result in \(directory): \(free >> 20) MiB are free there, and it may take \(max(1, needed >> 20)). Free some "
        + "space, or choose another directory."
    case .unencodable(let place, let reason): "cannot keep the result: \(place): \(reason)"
    }
  }

  public var isOfOutput: Bool {
    switch self {
    case .file(let error): error.isOfOutput
    case .noRoom: true
    case .foreignResult, .unfinishedRun, .unencodable: false
    }
  }
}
