import LinuxSystem
import Machines
import Statistics
import Synchronization

/// How far apart the two CPUs of a run are: what it takes to hand a cache line to the other one and to get it back. Every request of
/// a polled mode pays for some of these; on a host that is itself a guest the distance may change from one second to the next.
struct HandOff {
  private static let batches = 50
  private static let passes = 200
  /// Nanoseconds after which a CPU that does not answer is given up.
  private static let patience: UInt64 = 200_000_000

  private let here: Int
  private let there: Int

  /// Nil on a host with one CPU.
  init?(_ cpus: LegCPUs) {
    guard let io = cpus.io else { return nil }
    (here, there) = (cpus.workload, io)
  }

  /// What both threads watch.
  private final class Line: Sendable {
    let turn = Atomic<UInt64>(0)
    let times = Mutex<[Double]>([])

    /// Waits for a number.
    /// - Returns: false when it did not come in time.
    func await(_ number: UInt64) -> Bool {
      var spins = 0
      while turn.load(ordering: .acquiring) != number {
        spins += 1
        // A look at the clock would be longer than what is measured. Where each pass takes as long as this the processors take turns
        // with each other, as those of an emulator may, and there is nothing to measure.
        if spins & 0xfff == 0, MonotonicClock.now > deadline { return false }
      }
      return true
    }

    private let deadline = MonotonicClock.now + HandOff.patience
  }

  /// Nanoseconds there and back, the median of batches; nil where the two threads did not meet.
  func measure() -> Double? {
    let line = Line()
    let total = UInt64(Self.batches * Self.passes)
    guard
      let other = try? PinnedThread(
        name: "hand-off", cpu: there,
        {
          for pass in 0..<total {
            guard line.await(2 * pass + 1) else { return }
            line.turn.store(2 * pass + 2, ordering: .releasing)
          }
        }),
      let mine = try? PinnedThread(
        name: "hand-off", cpu: here,
        {
          var times: [Double] = []
          for batch in 0..<UInt64(Self.batches) {
            let begin = MonotonicClock.now
            for pass in batch * UInt64(Self.passes)..<(batch + 1) * UInt64(Self.passes) {
              line.turn.store(2 * pass + 1, ordering: .releasing)
              guard line.await(2 * pass + 2) else { return }
            }
            times.append(Double(MonotonicClock.now - begin) / Double(Self.passes))
          }
          line.times.withLock { $0 = times }
        })
    else { return nil }
    mine.join()
    other.join()
    let times = line.times.withLock { $0 }
    return times.isEmpty ? nil : Quantile.median(times)
  }
}
