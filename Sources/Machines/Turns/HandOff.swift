import LinuxSystem
import Statistics
import Synchronization

/// How far apart the two CPUs of a run are: what it takes to hand a cache line to the other one and to get it back. Every request of
/// a polled mode pays for some of these; on a host that is itself a guest the distance may change from one second to the next.
public struct HandOff: Sendable {
  /// A line's way depends on which part of the last cache it belongs to, by half as much again: each batch has one of its own.
  private static let batches = 32
  private static let passes = 16
  /// Nanoseconds after which a CPU that does not answer is given up.
  private static let patience: UInt64 = 200_000_000

  private let here: Int
  private let there: Int

  /// Nil on a host with one CPU.
  public init?(_ cpus: LegCPUs) {
    guard let io = cpus.io else { return nil }
    (here, there) = (cpus.workload, io)
  }

  /// What both threads watch.
  private final class Line: Sendable {
    private let turn = Atomic<UInt64>(0)
    /// More lines than one: no two of them share any.
    private let padding = SIMD16<UInt64>.zero

    func give(_ number: UInt64) { turn.store(number, ordering: .releasing) }

    /// Waits for a number.
    /// - Returns: false when it did not come in time.
    func await(_ number: UInt64, by deadline: UInt64) -> Bool {
      var spins = 0
      while turn.load(ordering: .acquiring) != number {
        spins += 1
        // A look at the clock would be longer than what is measured. Where each pass takes as long as this the processors take turns
        // with each other, as those of an emulator may, and there is nothing to measure.
        if spins & 0xfff == 0, MonotonicClock.now > deadline { return false }
      }
      return true
    }
  }

  /// Nanoseconds there and back, the median of batches; nil where the two threads did not meet. Takes a fifth of a millisecond.
  public func measure() -> Double? {
    let lines = (0..<Self.batches).map { _ in Line() }
    let times = Mutex<[Double]>([])
    let deadline = MonotonicClock.now + Self.patience
    guard
      let other = try? PinnedThread(
        name: "hand-off", cpu: there,
        {
          for line in lines {
            for pass in 0..<UInt64(Self.passes) {
              guard line.await(2 * pass + 1, by: deadline) else { return }
              line.give(2 * pass + 2)
            }
          }
        }),
      let mine = try? PinnedThread(
        name: "hand-off", cpu: here,
        {
          for line in lines {
            let begin = MonotonicClock.now
            for pass in 0..<UInt64(Self.passes) {
              line.give(2 * pass + 1)
              guard line.await(2 * pass + 2, by: deadline) else { return }
            }
            let time = Double(MonotonicClock.now - begin) / Double(Self.passes)
            times.withLock { $0.append(time) }
          }
        })
    else { return nil }
    mine.join()
    other.join()
    let all = times.withLock { $0 }
    return all.count == Self.batches ? Quantile.median(all) : nil
  }
}
