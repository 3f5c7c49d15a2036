import GRDB
import Results

extension HistoryStore {
  /// The runs that have a figure of the kind asked for, in the order in which they began.
  public func runs(_ filter: HistoryFilter = HistoryFilter()) throws(HistoryError) -> [HistoryRun] {
    try attempt {
      try queue.read { database in
        var (condition, arguments) = Self.condition(filter, ofRun: true)
        let (kind, kindArguments) = Self.condition(filter, ofRun: false)
        if filter.workload != nil || filter.metric != nil || filter.mode != nil {
          condition += """
             AND run.key IN (SELECT point.run FROM series JOIN point ON point.series = series.key WHERE \(kind))
            """
          arguments += kindArguments
        }
        let rows = try Row.fetchCursor(
          database, sql: "SELECT * FROM run WHERE \(condition) ORDER BY startedAt, host, id", arguments: arguments)
        var runs: [HistoryRun] = []
        while let row = try rows.next() {
          runs.append(
            HistoryRun(
              id: try row.value("id"), host: try row.value("host"), startedAt: try row.value("startedAt"),
              suite: try row.value("suite"), version: try row.value("version"), revision: try row.value("revision"),
              backend: try row.value("backend"), kernel: try row.value("kernel"), blocks: try row.value("blocks"),
              interrupted: try row.value("interrupted")))
        }
        return runs
      }
    }
  }

  /// The series of the kind asked for, each with its points in the order in which their runs began; without change points.
  public func series(_ filter: HistoryFilter = HistoryFilter()) throws(HistoryError) -> [HistorySeries] {
    try attempt {
      try queue.read { database in
        try kinds(filter, database).compactMap { kind in
          let series = try points(kind, filter, database)
          return series.points.isEmpty ? nil : series
        }
      }
    }
  }

  /// Hands over the figures of each series of the kind asked for, in the order in which their runs began, without what stands around
  /// them: a fleet's year does not fit into memory otherwise.
  /// - Parameters:
  ///   - batch: series that are handed over at a time.
  ///   - body: returns for each the places at which it changed, which is what is kept.
  /// - Returns: the series for which there is a place, whole; and how many points each series had.
  func changed(
    _ filter: HistoryFilter, batch: Int, _ body: ([[Double]]) -> [[ChangePlace]]
  ) throws(HistoryError) -> (changed: [HistorySeries], counts: [Int]) {
    try attempt {
      try queue.read { database in
        let kinds = try kinds(filter, database)
        let order = try order(kinds, filter, database)
        var (changed, counts): ([HistorySeries], [Int]) = ([], [])
        for start in stride(from: 0, to: kinds.count, by: batch) {
          let some = kinds[start..<min(start + batch, kinds.count)]
          let figures = try some.map { try values($0, order, database) }
          counts += figures.map(\.count)
          for (kind, places) in zip(some, body(figures)) where !places.isEmpty {
            var series = try points(kind, filter, database)
            series.changes = places.map { series.change($0) }
            changed.append(series)
          }
        }
        return (changed, counts.filter { $0 > 0 })
      }
    }
  }

  // MARK: Series

  /// A series without points, and the numbers that it has in the database: runs that spelled a quantity differently measured the same.
  private struct Kind {
    let series: HistorySeries
    var numbers: [Int64]
  }

  private struct Identity: Hashable {
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

  private func kinds(_ filter: HistoryFilter, _ database: Database) throws -> [Kind] {
    let (condition, arguments) = Self.condition(filter, ofRun: false)
    let rows = try Row.fetchCursor(
      database,
      sql: """
        SELECT * FROM series WHERE \(condition)
          ORDER BY workload, parameters, metric, machine, mode, reference, host, unit, direction
        """, arguments: arguments)
    var kinds: [Kind] = []
    var positions: [Identity: Int] = [:]
    while let row = try rows.next() {
      let series = try series(row)
      let number: Int64 = try row.value("key")
      if let position = positions[Identity(series)] {
        kinds[position].numbers.append(number)
      } else {
        positions[Identity(series)] = kinds.count
        kinds.append(Kind(series: series, numbers: [number]))
      }
    }
    return kinds
  }

  /// The series that a row tells, without points.
  private func series(_ row: Row) throws -> HistorySeries {
    let reference: String = try row.value("reference")
    return HistorySeries(
      host: try row.value("host"),
      workload: Workload(try row.value("workload"), parameterText: try row.value("parameters")),
      metric: try row.value("metric"), unit: try row.value("unit"), direction: try word(row, "direction"),
      path: Path(try word(row, "machine"), try word(row, "mode")),
      reference: reference.isEmpty ? nil : try word(row, "reference"), points: [])
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

  // MARK: Points

  private func points(_ kind: Kind, _ filter: HistoryFilter, _ database: Database) throws -> HistorySeries {
    var series = kind.series
    let condition = filter.revision == nil ? "" : " AND substr(revision, 1, length(?)) = ?"
    let statement = try database.cachedStatement(
      sql: """
        SELECT run.id, startedAt, revision, value, low, high, point.blocks FROM point CROSS JOIN run ON run.key = point.run
          WHERE series = ?\(condition)
        """)
    for number in kind.numbers {
      var arguments: StatementArguments = [number]
      if let revision = filter.revision { arguments += [revision, revision] }
      let rows = try Row.fetchCursor(statement, arguments: arguments)
      while let row = try rows.next() {
        series.points.append(
          HistoryPoint(
            run: try row.value(0), startedAt: try row.value(1),
            revision: try row.value(2),
            value: try figure(row, 3), low: try row.value(4), high: try row.value(5),
            blocks: try row.value(6)))
      }
    }
    series.points.sort { ($0.startedAt, $0.run) < ($1.startedAt, $1.run) }
    return series
  }

  /// Of each run of the hosts that are meant its place in time.
  private func order(_ kinds: [Kind], _ filter: HistoryFilter, _ database: Database) throws -> [Int64: Int] {
    var (condition, arguments) = Self.condition(filter, ofRun: true)
    if let host = kinds.first?.series.host, kinds.allSatisfy({ $0.series.host == host }) {
      condition += " AND host = ?"
      arguments += [host]
    }
    let keys = try Int64.fetchCursor(
      database, sql: "SELECT key FROM run WHERE \(condition) ORDER BY startedAt, id", arguments: arguments)
    var order: [Int64: Int] = [:]
    while let key = try keys.next() { order[key] = order.count }
    return order
  }

  /// The figures of a series by time; those of runs that have a place in it.
  private func values(_ kind: Kind, _ order: [Int64: Int], _ database: Database) throws -> [Double] {
    var points: [(place: Int, value: Double)] = []
    let statement = try database.cachedStatement(sql: "SELECT run, value FROM point WHERE series = ?")
    for number in kind.numbers {
      let rows = try Row.fetchCursor(statement, arguments: [number])
      while let row = try rows.next() {
        guard let place = order[try row.value(0)] else { continue }
        points.append((place, try figure(row, 1)))
      }
    }
    points.sort { $0.place < $1.place }
    return points.map(\.value)
  }

  /// A number that statistics can be made of: SQLite keeps infinities too.
  private func figure(_ row: Row, _ column: Int) throws -> Double {
    let figure: Double = try row.value(column)
    guard figure.isFinite else {
      throw HistoryError.unusable(path: path, reason: "a point has the value \(figure)")
    }
    return figure
  }

  // MARK: Filters

  /// What a filter asks of a series, or of a run, as SQL.
  private static func condition(_ filter: HistoryFilter, ofRun: Bool) -> (String, StatementArguments) {
    var parts = ["1"]
    var arguments = StatementArguments()
    if !ofRun {
      for (column, value) in [("workload", filter.workload), ("metric", filter.metric), ("mode", filter.mode)] {
        guard let value else { continue }
        parts.append("series.\(column) = ?")
        arguments += [value]
      }
    }
    for (column, value) in [("host", filter.host), ("revision", ofRun ? filter.revision : nil)] {
      guard let value else { continue }
      parts.append("substr(\(ofRun ? "run" : "series").\(column), 1, length(?)) = ?")
      arguments += [value, value]
    }
    return (parts.joined(separator: " AND "), arguments)
  }
}

extension Row {
  /// A column of a file that may be a stranger's: SQLite keeps values of any type in any column, and a subscript ends the
  /// program where the type is another.
  fileprivate func value<Value: DatabaseValueConvertible>(_ column: String) throws -> Value {
    try decode(Value.self, forColumn: column)
  }

  /// The same by the column's place. Being generic, it is spared GRDB's faster way, which takes the text 'many' for 0.
  fileprivate func value<Value: DatabaseValueConvertible>(_ index: Int) throws -> Value {
    try decode(Value.self, atIndex: index)
  }
}
