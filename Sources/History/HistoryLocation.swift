import LinuxSystem

/// Where a user's history is unless another file is named.
public enum HistoryLocation {
  /// `nearmetal/history.sqlite` in the user's folder for data.
  /// - Parameter environment: the variables; the process's own unless given.
  public static func path(_ environment: [String: String]? = nil) -> String {
    "\(UserFolder.data.path(environment))/nearmetal/history.sqlite"
  }
}
