import CLinux
import Glibc

/// Where a user's files of a kind are (XDG Base Directory Specification).
public enum UserFolder: Sendable {
  /// What the user wants kept: `$XDG_DATA_HOME`, or `~/.local/share`.
  case data
  /// What can be made again: `$XDG_STATE_HOME`, or `~/.local/state`.
  case state

  /// The folder's path. A variable that is not absolute counts as not set.
  /// - Parameter environment: the variables; the process's own unless given.
  public func path(_ environment: [String: String]? = nil) -> String {
    func variable(_ name: String) -> String? {
      if let environment { return environment[name] }
      return unsafe getenv(name).map { unsafe String(cString: $0) }
    }
    let (name, usual) = self == .data ? ("XDG_DATA_HOME", "share") : ("XDG_STATE_HOME", "state")
    if let folder = variable(name), folder.hasPrefix("/") { return folder }
    return "\(variable("HOME") ?? Self.accountHome)/.local/\(usual)"
  }

  /// What the system's list of users has.
  private static var accountHome: String {
    guard let entry = unsafe getpwuid(getuid()), let home = unsafe entry.pointee.pw_dir else { return "/" }
    return unsafe String(cString: home)
  }
}
