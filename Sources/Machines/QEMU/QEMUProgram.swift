import LinuxSystem

/// QEMU as it is installed.
enum QEMUProgram {
  /// Its path; nil where none of the folders has it.
  /// - Parameter folders: as in `PATH`.
  static func find(in folders: String) -> String? {
    folders.split(separator: ":").map { "\($0)/qemu-system-x86_64" }.first { isExecutable($0) }
  }
}
