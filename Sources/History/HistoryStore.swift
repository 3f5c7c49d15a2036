import GRDB
import LinuxSystem
import Results

/// The database of a history. Any number of processes may use it at a time.
public struct HistoryStore: Sendable {
  public let path: String
  private let queue: DatabaseQueue

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
      configuration.busyMode = .timeout(10)
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try Self.prepare(queue, path: path)
    } catch {
      if creating, (error as? DatabaseError)?.resultCode == .SQLITE_CANTOPEN {
        throw .unwritable(path: path, reason: "SQLite cannot open it")
      }
      throw Self.explain(error, path: path)
    }
  }

  /// Makes sure that the database is a history, and brings it up to date.
  private static func prepare(_ queue: DatabaseQueue, path: String) throws {
    let migrator = HistorySchema.migrator
    let isNewer = try queue.read { database in
      let application = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
      let tables = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM sqlite_schema") ?? 0
      guard application == HistorySchema.application || (application == 0 && tables == 0) else {
        throw HistoryError.foreign(path: path, found: "the SQLite database of another program")
      }
      return try migrator.hasBeenSuperseded(database)
    }
    if isNewer { throw HistoryError.newer(path: path) }
    try migrator.migrate(queue)
    try queue.read { database in
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
    do {
      return try queue.write { database in
        try results.map { try Self.insert($0, database) }
      }
    } catch {
      throw Self.explain(error, path: path)
    }
  }

  private static func check(_ result: RunResult) throws(HistoryError) {
    let run = result.run
    if let injection = run.injection {
      throw .refused(run: run.id, reason: "it was slowed on purpose (\(injection))")
    }
    if run.buildConfiguration == .debug { throw .refused(run: run.id, reason: "a debug build measured it") }
    if result.comparisons.isEmpty && result.summaries.isEmpty {
      throw .refused(run: run.id, reason: "it has no comparison and no summary")
    }
  }

  private static func insert(_ result: RunResult, _ database: Database) throws -> Bool {
    let run = result.run
    let host = result.host.fingerprint
    try database.execute(
      sql: """
        INSERT OR IGNORE INTO run (host, id, startedAt, suite, version, revision, backend, kernel, blocks, interrupted)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        host, run.id, run.startedAt, run.suite, run.tool.version, run.tool.revision, result.host.kvm.backend.rawValue,
        result.host.kernel["kernel.release"], run.blocks, run.interrupted,
      ])
    guard database.changesCount > 0 else { return false }
    let insert = try database.makeStatement(
      sql: """
        INSERT INTO point (host, run, workload, parameters, metric, unit, direction, machine, mode, reference, value, low,
          high, blocks) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """)
    for one in result.comparisons {
      try insert.execute(arguments: [
        host, run.id, one.workload.id, one.workload.parameterText, one.metric, one.unit, one.direction.rawValue,
        one.path.machine.rawValue, one.path.mode.rawValue, one.reference.rawValue, one.ratio, one.low, one.high,
        one.blocks,
      ])
    }
    for one in result.summaries {
      try insert.execute(arguments: [
        host, run.id, one.workload.id, one.workload.parameterText, one.metric, one.unit, one.direction.rawValue,
        one.path.machine.rawValue, one.path.mode.rawValue, "", one.mean, one.low, one.high, one.blocks,
      ])
    }
    return true
  }

  // MARK: Asking

  /// The runs that have a figure of the kind asked for, in the order in which they began.
  public func runs(_ filter: HistoryFilter = HistoryFilter()) throws(HistoryError) -> [HistoryRun] {
    let (condition, arguments) = Self.condition(filter)
    return try rows(
      """
      SELECT * FROM run WHERE EXISTS (SELECT 1 FROM point WHERE point.host = run.host AND point.run = run.id
        AND \(condition)) ORDER BY startedAt, host, id
      """, arguments
    ) { row in
      HistoryRun(
        id: try row.value("id"), host: try row.value("host"), startedAt: try row.value("startedAt"),
        suite: try row.value("suite"), version: try row.value("version"), revision: try row.value("revision"),
        backend: try row.value("backend"), kernel: try row.value("kernel"), blocks: try row.value("blocks"),
        interrupted: try row.value("interrupted"))
    }
  }

  /// The series of the kind asked for, each with its points in the order in which their runs began; without change points.
  public func series(_ filter: HistoryFilter = HistoryFilter()) throws(HistoryError) -> [HistorySeries] {
    let (condition, arguments) = Self.condition(filter)
    let found: [(HistorySeries, HistoryPoint)] = try rows(
      """
      SELECT point.*, run.startedAt, run.revision FROM point
        JOIN run ON run.host = point.host AND run.id = point.run WHERE \(condition)
        ORDER BY point.workload, parameters, metric, machine, mode, reference, point.host, startedAt, run.id
      """, arguments
    ) { row in
      let point = HistoryPoint(
        run: try row.value("run"), startedAt: try row.value("startedAt"), revision: try row.value("revision"),
        value: try figure(row, "value"), low: try row.value("low"), high: try row.value("high"),
        blocks: try row.value("blocks"))
      return (try self.series(row), point)
    }
    // Runs that spelled a quantity differently measured the same: theirs are points of one series.
    var all: [HistorySeries] = []
    var positions: [SeriesKey: Int] = [:]
    for (series, point) in found {
      let key = SeriesKey(series)
      let position = positions[key] ?? all.count
      if position == all.count {
        positions[key] = position
        all.append(series)
      }
      all[position].points.append(point)
    }
    for index in all.indices { all[index].points.sort { ($0.startedAt, $0.run) < ($1.startedAt, $1.run) } }
    return all
  }

  private struct SeriesKey: Hashable {
    let host: String
    let workload: Workload
    let metric: String
    let unit: String
    let direction: Direction
    let path: Path
    let reference: Machine?

    init(_ series: HistorySeries) {
      (host, workload, metric, unit) = (series.host, series.workload, series.metric, series.unit)
      (direction, path, reference) = (series.direction, series.path, series.reference)
    }
  }

  /// The series that a row's point belongs to, without points.
  private func series(_ row: Row) throws -> HistorySeries {
    let reference: String = try row.value("reference")
    return HistorySeries(
      host: try row.value("host"),
      workload: Workload(try row.value("workload"), parameterText: try row.value("parameters")),
      metric: try row.value("metric"), unit: try row.value("unit"), direction: try word(row, "direction"),
      path: Path(try word(row, "machine"), try word(row, "mode")),
      reference: reference.isEmpty ? nil : try word(row, "reference"), points: [])
  }

  /// A number that statistics can be made of: SQLite keeps infinities too.
  private func figure(_ row: Row, _ column: String) throws -> Double {
    let figure: Double = try row.value(column)
    guard figure.isFinite else {
      throw HistoryError.unusable(path: path, reason: "a point has the \(column) \(figure)")
    }
    return figure
  }

  /// A word of a column that holds one of a few.
  private func word<Word: RawRepresentable<String>>(_ row: Row, _ column: String) throws -> Word {
    let text: String = try row.value(column)
    guard let word = Word(rawValue: text) else {
      throw HistoryError.unusable(
        path: path, reason: "a point has the \(column) \"\(text)\", which this version does not know")
    }
    return word
  }

  /// What a filter asks of a point joined with its run, as SQL.
  private static func condition(_ filter: HistoryFilter) -> (String, StatementArguments) {
    var parts = ["1"]
    var arguments = StatementArguments()
    for (column, value) in [("workload", filter.workload), ("metric", filter.metric), ("mode", filter.mode)] {
      guard let value else { continue }
      parts.append("point.\(column) = ?")
      arguments += [value]
    }
    for (column, value) in [("run.host", filter.host), ("run.revision", filter.revision)] {
      guard let value else { continue }
      parts.append("substr(\(column), 1, length(?)) = ?")
      arguments += [value, value]
    }
    return (parts.joined(separator: " AND "), arguments)
  }

  private func rows<Value>(
    _ sql: String, _ arguments: StatementArguments, _ make: (Row) throws -> Value
  ) throws(HistoryError) -> [Value] {
    do {
      return try queue.read { database in
        try Row.fetchAll(database, sql: sql, arguments: arguments).map(make)
      }
    } catch {
      throw Self.explain(error, path: path)
    }
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
    case let error as DatabaseError:
      .unusable(path: path, reason: error.message ?? "SQLite's error \(error.resultCode.rawValue)")
    case is RowDecodingError: .unusable(path: path, reason: "a column holds a value of another type than it should")
    default: .unusable(path: path, reason: "\(error)".oneLine)
    }
  }
}

extension Row {
  /// A column of a file that may be a stranger's: SQLite keeps values of any type in any column, and a subscript ends the
  /// program where the type is another.
  fileprivate func value<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
    try decode(Value.self, forColumn: column)
  }
}
