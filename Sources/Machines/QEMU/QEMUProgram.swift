import CLinux
import LinuxSystem

/// QEMU as it is installed.
enum QEMUProgram {
  /// Its path; nil where none of the folders has it.
  /// - Parameter folders: as in `PATH`.
  static func find(in folders: String) -> String? {
    folders.split(separator: ":").map { "\($0)/qemu-system-x86_64" }.first { isExecutable($0) }
  }

  /// Whether a device of this QEMU has a property, as it says itself.
  static func has(_ property: String, of device: String, _ path: String) throws(SystemError) -> Bool {
    let child = try ChildProcess(path, ["-device", "\(device),help"], diesWithCaller: true)
    var output: [UInt8] = []
    let ended = unsafe child.drain(until: MonotonicClock.now + patience) { unsafe output.append(contentsOf: $0) }
    return ended && String(decoding: output, as: UTF8.self).contains(property)
  }

  /// Nanoseconds that it may take to say so.
  private static let patience: UInt64 = 20_000_000_000

  /// Starts QEMU from a thread with its affinity, which the child inherits, and without transparent huge pages where none are
  /// wanted: QEMU itself asks for them always.
  static func start(
    _ path: String, _ arguments: [String], on cpus: [Int], pages: MemoryPages, passing: [Int32], listens: Bool
  ) throws(SystemError) -> ChildProcess {
    let refuses = pages == .small && nm_allow_transparent_huge_pages(0) == 0
    defer { if refuses { _ = nm_allow_transparent_huge_pages(1) } }
    let before = try CPUAffinity.allowed()
    try CPUAffinity.pin(thread: 0, to: cpus)
    defer { try? CPUAffinity.pin(thread: 0, to: before) }
    return try ChildProcess(path, arguments, passing: passing, listens: listens, diesWithCaller: true)
  }
}
