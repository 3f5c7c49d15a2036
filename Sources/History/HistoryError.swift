import LinuxSystem

/// Why a history cannot be used, in one line.
public enum HistoryError: OutputFailure, Equatable, CustomStringConvertible {
  /// There is no database yet.
  case absent(path: String)
  /// The file is no database of this program.
  case foreign(path: String, found: String)
  /// A newer version of this program has changed the database's schema.
  case newer(path: String)
  /// It cannot be written: a full disk, say.
  case unwritable(path: String, reason: String)
  /// SQLite cannot read it.
  case unusable(path: String, reason: String)
  /// A run that does not belong into a history.
  case refused(run: String, reason: String)

  public var description: String {
    switch self {
    case .absent(let path): "there is no history at \(path) yet: make one with nearmetal history add DIR"
    case .foreign(let path, let found):
      "\(path) is no NearMetal history but \(found): name another file with --database"
    case .newer(let path): "\(path) was written by a newer version of nearmetal: use that version, or another file"
    case .unwritable(let path, let reason):
      "cannot write the history \(path): \(reason). The runs that it held are kept; free some space, or name another file with "
        + "--database."
    case .unusable(let path, let reason): "cannot use the history \(path): \(reason)"
    case .refused(let run, let reason): "run \(run) does not belong into a history: \(reason)"
    }
  }

  public var isOfOutput: Bool { if case .unwritable = self { true } else { false } }
}
