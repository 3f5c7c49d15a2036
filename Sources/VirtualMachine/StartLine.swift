import LinuxSystem

/// Where the threads of a machine's vCPUs wait until all are there and everything is ready for their guest.
final class StartLine: Sendable {
  private let arrivals: EventCounter
  private let go: EventCounter
  private let count: Int

  /// - Parameter count: of the threads.
  init(_ count: Int) throws(SystemError) {
    self.count = count
    arrivals = try EventCounter()
    go = try EventCounter()
  }

  /// Waits at the line.
  func stand() {
    arrivals.signal()
    _ = go.wait(until: .max)
  }

  /// Waits until all threads stand at the line: the first thing that each of them does.
  func awaitAll() {
    var there: UInt64 = 0
    while there < count { there += arrivals.take() ?? 0 }
  }

  /// Lets all go.
  func open() { go.signal() }
}
