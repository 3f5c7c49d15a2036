import Definitions
import LinuxSystem
import Network

/// iperf3's server behind the wire of one leg, on the host in any mode: it serves one client, and ends with its owner, or with the thread
/// that started it, however that comes about.
final class IperfServer: Sendable {
  private let wire: AddressedWire
  private let process: ChildProcess

  /// Nanoseconds until it listens.
  private static let patience: UInt64 = 20_000_000_000
  private static let pause: UInt64 = 20_000_000
  /// The state of a socket that listens, in `/proc/net/tcp` (`include/net/tcp_states.h`).
  private static let listening: Substring = "0A"

  /// What is at the other end.
  var nearEnd: AddressedWire.NearEnd { wire.nearEnd }

  /// Starts it, and waits until it listens. Blocks.
  /// - Parameters:
  ///   - cpu: that it runs on.
  ///   - hasMonitor: whether a monitor is at the near end.
  /// - Throws: why there can be none here, or why it did not begin.
  init(_ program: LinuxProgram, cpu: Int, hasMonitor: Bool) throws(SessionObstacle) {
    do throws(SystemError) {
      let wire = try AddressedWire(hasMonitor: hasMonitor)
      self.wire = wire
      let words = ["--server", "--one-off", "--bind", AddressedWire.farAddress, "--interval", "0"]
      process = try CPUAffinity.whilePinned(to: [cpu]) { () throws(SystemError) in
        try wire.atFarEnd { () throws(SystemError) in
          try ChildProcess(program.path, words, isApart: true, diesWithCaller: true)
        }
      }
    } catch { throw .unavailable(error.description) }
    try awaitListening(until: MonotonicClock.now + Self.patience)
  }

  private func awaitListening(until deadline: UInt64) throws(SessionObstacle) {
    while !Self.listens(process.pid) {
      let event = unsafe process.wait(until: MonotonicClock.now + Self.pause) { _ in }
      if event == .ended { throw .failure("iperf3's server did not begin: \(process.epitaph())") }
      guard MonotonicClock.now < deadline else { throw .failure("iperf3's server does not listen") }
    }
  }

  /// Whether anything listens in the process's network namespace, where nothing else is.
  private static func listens(_ pid: Int32) -> Bool {
    let table = (try? HostFiles().text("/proc/\(pid)/net/tcp")) ?? ""
    return table.split(separator: "\n").dropFirst().contains { line in
      line.split(separator: " ").dropFirst(3).first == listening
    }
  }
}
