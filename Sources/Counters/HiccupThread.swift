import CLinux
import LinuxSystem
import Synchronization
import Topology

/// A thread that sleeps for a millisecond over and over and notes how late it woke: what stops the whole host (system
/// management, a hypervisor below that pauses the machine, a kernel that does not schedule) shows as lateness.
///
/// It never runs on a CPU of a leg or on a sibling of one: there it would take the vCPU from its guest a thousand times a
/// second, which costs a guest more than it costs the native leg. What happens on the legs' own CPUs is read from the
/// kernel's accounts instead (steal, run delay, switches), which cost the legs nothing.
public final class HiccupThread: Sendable {
  /// Nanoseconds between wake-ups.
  public static let period: UInt64 = 1_000_000

  /// The CPU that it runs on.
  public let cpu: Int
  private let shared: Shared
  private let thread: PinnedThread
  private let startedAt = MonotonicClock.now

  private final class Shared: Sendable {
    /// By bucket: seen by processes that are forked later, too.
    let counts: SharedWords
    let ends = Atomic<Bool>(false)
    let identifier = Atomic<Int32>(0)

    init() throws(SystemError) { counts = try SharedWords(count: HiccupCounts.buckets) }
  }

  /// Starts it.
  public init(cpu: Int) throws(SystemError) {
    let shared = try Shared()
    self.cpu = cpu
    self.shared = shared
    thread = try PinnedThread(name: "hiccups", cpu: cpu) { Self.run(shared) }
  }

  deinit {
    shared.ends.store(true, ordering: .relaxed)
    thread.join()
  }

  private static func run(_ shared: Shared) {
    shared.identifier.store(nm_gettid(), ordering: .relaxed)
    _ = nm_minimise_timer_slack()
    while !shared.ends.load(ordering: .relaxed) {
      let due = MonotonicClock.now + period
      var wake = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
      while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nil) == EINTR {}
      let now = MonotonicClock.now
      shared.counts.increment(HiccupCounts.index(now - min(now, due)))
    }
  }

  /// What it has seen so far. Any thread, also of a process that was forked from its own.
  public var counts: HiccupCounts { HiccupCounts { shared.counts[$0] } }

  /// Share of its CPU's time that it has taken so far; nil where the kernel does not tell.
  public var cost: Double? {
    let thread = shared.identifier.load(ordering: .relaxed)
    let elapsed = MonotonicClock.now - startedAt
    guard thread != 0, elapsed > 0, let times = try? ThreadTimes.of(thread: thread) else { return nil }
    return Double(times.cpu) / Double(elapsed)
  }

  /// The CPU for it: one that the process may use, on no core of the legs, on the first leg CPU's node where there is one.
  /// - Throws: `Unavailable` when the legs' cores are all there is.
  public static func cpu(beside legs: [Int], allowed: [Int], topology: CPUTopology) throws(Unavailable) -> Int {
    let cores = Set(legs.flatMap { topology[$0]?.siblings ?? [$0] })
    let free = topology.cpus.filter { allowed.contains($0.id) && !cores.contains($0.id) }
    let node = legs.first.flatMap { topology[$0]?.node }
    guard let cpu = free.first(where: { $0.node == node }) ?? free.first else {
      throw Unavailable(
        "every CPU that this process may use (\(CPUList(allowed))) is on a core of the legs, where a thread that wakes up "
          + "would disturb them: allow one more core")
    }
    return cpu.id
  }
}
