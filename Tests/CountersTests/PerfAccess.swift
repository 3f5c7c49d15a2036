import Counters

/// Whether this process may count kernel and user space of its own threads: as root, or with `perf_event_paranoid` below 2.
enum PerfAccess {
  static let isGranted: Bool = {
    do {
      _ = try PerfEvent(.taskClock)
      return true
    } catch {
      return false
    }
  }()
}
