import GRDB

/// The database's tables, step by step. A step that was ever released is never changed: a later one follows it.
enum HistorySchema {
  /// SQLite's `application_id` of a NearMetal history: "NMhi".
  static let application: Int32 = 0x4e4d_6869

  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1: runs and points") { database in
      try database.execute(sql: "PRAGMA application_id = \(application)")
      try database.create(table: "run") { table in
        table.column("host", .text).notNull()
        table.column("id", .text).notNull()
        table.column("startedAt", .text).notNull()
        table.column("suite", .text).notNull()
        table.column("version", .text).notNull()
        table.column("revision", .text).notNull()
        table.column("backend", .text).notNull()
        table.column("kernel", .text)
        table.column("blocks", .integer).notNull()
        table.column("interrupted", .boolean).notNull()
        table.primaryKey(["host", "id"])
      }
      try database.create(table: "point") { table in
        table.column("host", .text).notNull()
        table.column("run", .text).notNull()
        table.column("workload", .text).notNull()
        table.column("parameters", .text).notNull()
        table.column("metric", .text).notNull()
        table.column("unit", .text).notNull()
        table.column("direction", .text).notNull()
        table.column("machine", .text).notNull()
        table.column("mode", .text).notNull()
        // Empty where the value is the metric itself: a null would not count in the key.
        table.column("reference", .text).notNull()
        table.column("value", .double).notNull()
        table.column("low", .double)
        table.column("high", .double)
        table.column("blocks", .integer).notNull()
        table.primaryKey(["workload", "parameters", "metric", "machine", "mode", "reference", "host", "run"])
        table.foreignKey(["host", "run"], references: "run", columns: ["host", "id"], onDelete: .cascade)
      }
    }
    migrator.registerMigration("2: series once, points by number", migrate: numberSeries)
    return migrator
  }

  /// Columns that tell series apart; empty `reference` as in the first version.
  static let identity = [
    "host", "workload", "parameters", "metric", "unit", "direction", "machine", "mode", "reference",
  ]
  /// Columns of a run besides its number.
  static let runFields = [
    "host", "id", "startedAt", "suite", "version", "revision", "backend", "kernel", "blocks", "interrupted",
  ]

  /// A thousand hosts' year has 22 million points: each is two numbers and its figures then, and those of a series lie side by side.
  private static func numberSeries(_ database: Database) throws {
    let (identity, run) = (identity.joined(separator: ", "), runFields.joined(separator: ", "))
    try database.execute(
      sql: """
        CREATE TABLE series (key INTEGER PRIMARY KEY, host TEXT NOT NULL, workload TEXT NOT NULL, parameters TEXT NOT NULL,
          metric TEXT NOT NULL, unit TEXT NOT NULL, direction TEXT NOT NULL, machine TEXT NOT NULL, mode TEXT NOT NULL,
          reference TEXT NOT NULL, UNIQUE (\(identity)));
        CREATE TABLE newRun (key INTEGER PRIMARY KEY, host TEXT NOT NULL, id TEXT NOT NULL, startedAt TEXT NOT NULL,
          suite TEXT NOT NULL, version TEXT NOT NULL, revision TEXT NOT NULL, backend TEXT NOT NULL, kernel TEXT,
          blocks INTEGER NOT NULL, interrupted BOOLEAN NOT NULL, UNIQUE (host, id));
        CREATE TABLE newPoint (series INTEGER NOT NULL, run INTEGER NOT NULL, value DOUBLE NOT NULL, low DOUBLE, high DOUBLE,
          blocks INTEGER NOT NULL, PRIMARY KEY (series, run)) WITHOUT ROWID;
        INSERT INTO newRun (\(run)) SELECT \(run) FROM run ORDER BY startedAt, host, id;
        INSERT INTO series (\(identity)) SELECT DISTINCT \(identity) FROM point;
        INSERT INTO newPoint SELECT series.key, newRun.key, value, low, high, point.blocks FROM point
          JOIN series ON \(Self.identity.map { "series.\($0) = point.\($0)" }.joined(separator: " AND "))
          JOIN newRun ON newRun.host = point.host AND newRun.id = point.run;
        DROP TABLE point;
        DROP TABLE run;
        ALTER TABLE newPoint RENAME TO point;
        ALTER TABLE newRun RENAME TO run;
        """)
  }
}
