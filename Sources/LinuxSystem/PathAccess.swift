import CLinux

/// Whether this process may read and write a path (`access(2)`).
public func isUsable(_ path: String) -> Bool { unsafe access(path, R_OK | W_OK) == 0 }

/// Whether a path is something that this process may execute.
public func isExecutable(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }
