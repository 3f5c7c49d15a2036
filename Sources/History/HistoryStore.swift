import GRDB
import LinuxSystem
import Results

/// The database of a history. Any number of processes may use it at a time: one writes and the others wait for it, for a minute at most,
/// and whoever reads is not disturbed (SQLite's write-ahead log).
public struct HistoryStore: Sendable {
  public let path: String
  let queue: DatabaseQueue

  /// Seconds that a writer waits for another one.
  private static let patience = 60.0
  /// Bytes up to which a file is looked through for damage when it is opened. That of a larger one shows when it is met.
  private static let mostChecked = 64 << 20

  /// Opens a history.
  ///
  /// - Parameters:
  ///   - path: of the database, a plain file.
  ///   - creating: whether one that is not there is made, with the folders above it.
  /// - Throws: ``HistoryError``, one line that names the file.
  public init(path: String, creating: Bool) throws(HistoryError) {
    self.path = path
    let exists = AtomicFile.exists(path)
    guard creating || exists else { throw .absent(path: path) }
    // SQLite would wait for a pipe's other end.
    if let kind = FileKind(path), kind != .plain { throw .foreign(path: path, found: kind.phrase) }
    do {
      if !exists { try AtomicFile.makeDirectory(AtomicFile.directory(of: path)) }
      var configuration = Configuration()
      configuration.busyMode = .timeout(Self.patience)
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try Self.prepare(queue, path: path, isWriter: creating)
    } catch {
      if creating, (error as? DatabaseError)?.resultCode == .SQLITE_CANTOPEN {
        throw .unwritable(path: path, reason: "SQLite cannot open it")
      }
      throw Self.explain(error, path: path)
    }
  }

  /// Makes sure that the database is a history, and brings it up to date.
  private static func prepare(_ queue: DatabaseQueue, path: String, isWriter: Bool) throws {
    let migrator = HistorySchema.migrator
    let (isNewer, isDone) = try queue.read { database in
      let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
      let tables = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_schema") ?? 0
      guard application == HistorySchema.application || (application == 0 && tables == 0) else {
        throw HistoryError.foreign(path: path, found: "the SQLite database of another program")
      }
      return (try migrator.hasBeenSuperseded(database), try migrator.hasCompletedMigrations(database))
    }
    if isNewer { throw HistoryError.newer(path: path) }
    if !isDone {
      do { try migrator.migrate(queue) } catch {
        // Another process may have been faster.
        guard try queue.read(migrator.hasCompletedMigrations) else { throw error }
      }
    }
    // Kept in the file: whoever opens it next has it too. A file system that cannot stays with what it has, and so does a file that others
    // are at work on.
    if isWriter {
      _ = try? queue.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA journal_mode = WAL") }
    }
    try queue.read { database in
      let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
      let size = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
      guard pages <= mostChecked / max(1, size) else { return }
      guard let problem = try String.fetchOne(database, sql: "PRAGMA quick_check(1)"), problem != "ok" else { return }
      throw HistoryError.unusable(path: path, reason: "it is damaged: \(problem.oneLine)")
    }
  }

  // MARK: Adding

  /// Adds runs, all of them or none. One that is there already, by its host and id, is left as it is.
  ///
  /// - Returns: for each run whether it was new.
  /// - Throws: ``HistoryError/refused(run:reason:)`` for a run whose figures say nothing about its host.
  public func add(_ results: [RunResult]) throws(HistoryError) -> [Bool] {
    for result in results { try Self.check(result) }
    return try attempt {
      try queue.write { database in
        var series = SeriesNumbers(database)
        return try results.map { try Self.insert($0, database, &series) }
      }
    }
  }

  /// - Throws: ``HistoryError/refused(run:reason:)`` for a run whose figures say nothing about its host.
  public static func check(_ result: RunResult) throws(HistoryError) {
    let run = result.run
    if let injection = run.injection {
      throw .refused(run: run.id, reason: "it was slowed on purpose (\(injection))")
    }
    if run.buildConfiguration == .debug { throw .refused(run: run.id, reason: "a debug build measured it") }
    if result.comparisons.isEmpty && result.summaries.isEmpty {
      throw .refused(run: run.id, reason: "it has no comparison and no summary")
    }
  }

  private static func insert(_ result: RunResult, _ database: Database, _ series: inout SeriesNumbers) throws -> Bool {
    let run = result.run
    let host = result.host.fingerprint
    try database.execute(
      sql: """
        INSERT OR IGNORE INTO run (\(HistorySchema.runFields.joined(separator: ", ")))
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        host, run.id, run.startedAt, run.suite, run.tool.version, run.tool.revision, result.host.kvm.backend.rawValue,
        result.host.kernel["kernel.release"], run.blocks, run.interrupted,
      ])
    guard database.changesCount > 0 else { return false }
    let key = database.lastInsertedRowID
    let insert = try database.cachedStatement(
      sql: "INSERT INTO point (series, run, value, low, high, blocks) VALUES (?, ?, ?, ?, ?, ?)")
    for one in result.comparisons {
      let number = try series.number([
        host, one.workload.id, one.workload.parameterText, one.metric, one.unit, one.direction.rawValue,
        one.path.machine.rawValue, one.path.mode.rawValue, one.reference.rawValue,
      ])
      try insert.execute(arguments: [number, key, one.ratio, one.low, one.high, one.blocks])
    }
    for one in result.summaries {
      let number = try series.number([
        host, one.workload.id, one.workload.parameterText, one.metric, one.unit, one.direction.rawValue,
        one.path.machine.rawValue, one.path.mode.rawValue, "",
      ])
      try insert.execute(arguments: [number, key, one.mean, one.low, one.high, one.blocks])
    }
    return true
  }

  /// The numbers of series, which are made where there are none.
  private struct SeriesNumbers {
    private let database: Database
    private var known: [[String]: Int64] = [:]

    init(_ database: Database) { self.database = database }

    /// - Parameter identity: the values of ``HistorySchema/identity``.
    mutating func number(_ identity: [String]) throws -> Int64 {
      if let number = known[identity] { return number }
      let columns = HistorySchema.identity
      let find = try database.cachedStatement(
        sql: "SELECT key FROM series WHERE \(columns.map { "\($0) = ?" }.joined(separator: " AND "))")
      let number: Int64
      if let there = try Int64.fetchOne(find, arguments: StatementArguments(identity)) {
        number = there
      } else {
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        try database.cachedStatement(
          sql: "INSERT INTO series (\(columns.joined(separator: ", "))) VALUES (\(places))"
        ).execute(arguments: StatementArguments(identity))
        number = database.lastInsertedRowID
      }
      known[identity] = number
      return number
    }
  }

  // MARK: Errors

  /// Does what may fail in the database.
  func attempt<Value>(_ body: () throws -> Value) throws(HistoryError) -> Value {
    do { return try body() } catch { throw Self.explain(error, path: path) }
  }

  private static let unwritable: [ResultCode] = [.SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY]

  private static func explain(_ error: any Error, path: String) -> HistoryError {
    switch error {
    case let error as HistoryError: error
    case let error as FileError: .unwritable(path: path, reason: "\(error.errno)")
    case let error as DatabaseError where unwritable.contains(error.resultCode):
      .unwritable(path: path, reason: error.message ?? "SQLite's error \(error.resultCode.rawValue)")
    case let error as DatabaseError where error.resultCode == .SQLITE_NOTADB:
      .foreign(path: path, found: "a file of another kind")
    case let error as DatabaseError where error.resultCode == .SQLITE_BUSY:
      .unusable(path: path, reason: "others have been writing to it for \(Int(patience)) s: try again")
    case let error as DatabaseError:
      .unusable(path: path, reason: error.message ?? "SQLite's error \(error.resultCode.rawValue)")
    case is RowDecodingError: .unusable(path: path, reason: "a column holds a value of another type than it should")
    default: .unusable(path: path, reason: "\(error)".oneLine)
    }
  }
}
