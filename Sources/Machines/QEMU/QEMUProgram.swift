import CLinux
import LinuxSystem

/// QEMU's programs as they are installed.
enum QEMUProgram {
  /// The monitor.
  static let system = "qemu-system-x86_64"
  /// What serves disks to others.
  static let storageDaemon = "qemu-storage-daemon"

  /// The path of one; nil where none of the folders has it.
  /// - Parameter folders: as in `PATH`.
  static func find(_ name: String, in folders: String) -> String? {
    folders.split(separator: ":").map { "\($0)/\(name)" }.first { isExecutable($0) }
  }

  /// A path as it stands among words that commas part.
  static func word(_ path: String) -> String {
    path.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
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

  /// Starts the monitor from a thread with its affinity, which the child inherits, and without transparent huge pages where none are
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

  /// Starts another of the programs, which has no sandbox of its own, from a thread with its affinity.
  static func startFiltered(
    _ path: String, _ arguments: [String], on cpu: Int, passing: [Int32]
  ) throws(SystemError) -> ChildProcess {
    let filter = try PeerFilter.program.get()
    let before = try CPUAffinity.allowed()
    try CPUAffinity.pin(thread: 0, to: [cpu])
    defer { try? CPUAffinity.pin(thread: 0, to: before) }
    return try ChildProcess(path, arguments, passing: passing, filter: filter)
  }
}
