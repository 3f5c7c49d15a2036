import LinuxSystem
import Synchronization

/// Threads that keep every processor and the memory busy until they are told to stop.
final class HostLoad: Sendable {
  private let stopping = Atomic<Bool>(false)
  private let threads = Mutex<[PinnedThread]>([])
  /// Bytes that each thread walks over: more than caches of one core hold.
  private static let size = 8 << 20

  /// Starts a thread on each CPU.
  init(cpus: [Int]) throws(SystemError) {
    for cpu in cpus {
      let thread = try PinnedThread(name: "load", cpu: cpu) { [self] in work() }
      threads.withLock { $0.append(thread) }
    }
  }

  private func work() {
    var words = [UInt64](repeating: 1, count: Self.size / 8)
    var sum: UInt64 = 0
    while !stopping.load(ordering: .acquiring) {
      for index in stride(from: 0, to: words.count, by: 8) {
        sum = sum &* 6_364_136_223_846_793_005 &+ words[index]
        words[index] = sum
      }
    }
  }

  /// Ends the threads and waits for them.
  func stop() {
    stopping.store(true, ordering: .releasing)
    for thread in threads.withLock({ $0 }) { thread.join() }
  }
}
