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
    return migrator
  }
}
