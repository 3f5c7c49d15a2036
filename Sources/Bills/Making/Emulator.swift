import EmulatedHost
import LinuxSystem

/// The emulator as it is installed.
enum Emulator {
  /// What it says of its version: `QEMU emulator version 7.2.22`. Bochs says it nowhere without starting.
  static func version(_ backend: HostBackend) -> String {
    guard backend == .svm, let path = path(backend.emulator) else { return "Bochs" }
    var bytes: [UInt8] = []
    guard let process = try? ChildProcess(path, ["--version"], diesWithCaller: true) else { return "QEMU" }
    _ = unsafe process.drain(until: MonotonicClock.now + 10_000_000_000) { unsafe bytes.append(contentsOf: $0) }
    let line = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).first ?? "QEMU"
    return String(line.split(separator: "(").first ?? "QEMU").trimmed
  }

  static func path(_ program: String) -> String? {
    ["/usr/local/bin", "/usr/bin", "/bin"].map { "\($0)/\(program)" }.first { isExecutable($0) }
  }
}
