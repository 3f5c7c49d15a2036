import Foundation

/// Where a user's history is unless another file is named.
public enum HistoryLocation {
  /// `nearmetal/history.sqlite` in `$XDG_DATA_HOME`, which is `~/.local/share` where it is not set or not absolute (XDG Base
  /// Directory Specification).
  public static func path(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
    let folder = environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let home = environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path
    return "\(folder ?? "\(home)/.local/share")/nearmetal/history.sqlite"
  }
}
