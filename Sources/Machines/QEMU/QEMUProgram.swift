import CLinux
import LinuxSystem

/// QEMU as it is installed.
enum QEMUProgram {
  /// Its path; nil where none of the folders has it.
  /// - Parameter folders: as in `PATH`.
  static func find(in folders: String) -> String? {
    folders.split(separator: ":").map { "\($0)/qemu-system-x86_64" }.first { isExecutable($0) }
  }

  /// Starts QEMU from a thread with its affinity, which the child inherits, and without transparent huge pages where none are
  /// wanted: QEMU itself asks for them always.
  static func start(
    _ path: String, _ arguments: [String], on cpus: [Int], pages: MemoryPages, passing: [Int32], listens: Bool
  ) throws(SystemError) -> ChildProcess {
    let refuses = pages == .small && nm_allow_transparent_huge_pages(0) == 0
    defer { if refuses { _ = nm_allow_transparent_huge_pages(1) } }
    return try CPUAffinity.whilePinned(to: cpus) { () throws(SystemError) in
      try ChildProcess(path, arguments, passing: passing, listens: listens, diesWithCaller: true)
    }
  }
}
