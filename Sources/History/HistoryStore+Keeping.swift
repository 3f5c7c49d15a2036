import GRDB
import LinuxSystem

extension HistoryStore {
  /// Removes runs that began before a time, with their points, and series that have none any more. The file does not get smaller: later
  /// runs take the room.
  /// - Parameter time: as results have it, or the beginning of one: `2026-01`.
  /// - Returns: runs that were removed.
  public func removeRuns(before time: String) throws(HistoryError) -> Int {
    try attempt {
      try queue.write { database in
        try database.execute(
          sql: "DELETE FROM point WHERE run IN (SELECT key FROM run WHERE startedAt < ?)", arguments: [time])
        try database.execute(sql: "DELETE FROM run WHERE startedAt < ?", arguments: [time])
        let count = database.changesCount
        try database.execute(
          sql: "DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM point WHERE point.series = series.key)")
        return count
      }
    }
  }

  /// Adds the runs of another history, all of them or none. What is in both stays as it is here.
  /// - Returns: runs that were new.
  /// - Throws: ``HistoryError``, of either.
  public func merge(_ other: String) throws(HistoryError) -> Int {
    // Whether it is a history, and of this version.
    _ = try HistoryStore(path: other, creating: false)
    return try attempt {
      try queue.writeWithoutTransaction { database in
        try database.execute(sql: "ATTACH DATABASE ? AS other", arguments: [other])
        defer { try? database.execute(sql: "DETACH DATABASE other") }
        var count = 0
        try database.inTransaction(.immediate) {
          count = try Self.takeOther(database)
          return .commit
        }
        return count
      }
    }
  }

  private static func takeOther(_ database: Database) throws -> Int {
    let (series, run) = (HistorySchema.identity, HistorySchema.runFields)
    func list(_ names: [String]) -> String { names.joined(separator: ", ") }
    let last = try Int64.fetchOne(database, sql: "SELECT max(key) FROM main.run") ?? 0
    try database.execute(
      sql: """
        INSERT OR IGNORE INTO main.series (\(list(series))) SELECT \(list(series)) FROM other.series;
        INSERT OR IGNORE INTO main.run (\(list(run))) SELECT \(list(run)) FROM other.run ORDER BY startedAt, host, id;
        """)
    let same = series.map { "mine.\($0) = theirs.\($0)" }.joined(separator: " AND ")
    try database.execute(
      sql: """
        INSERT INTO main.point SELECT mine.key, new.key, value, low, high, point.blocks FROM other.point
          JOIN other.series AS theirs ON theirs.key = point.series JOIN main.series AS mine ON \(same)
          JOIN other.run AS old ON old.key = point.run JOIN main.run AS new ON new.host = old.host AND new.id = old.id
          WHERE new.key > ?
        """, arguments: [last])
    return try Int.fetchOne(database, sql: "SELECT count(*) FROM main.run WHERE key > ?", arguments: [last]) ?? 0
  }
}
