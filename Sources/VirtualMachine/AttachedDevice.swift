import LinuxSystem

/// A disk or a network interface that is part of a machine: its device model, and the thread that serves it where it has one.
protocol AttachedDevice: AnyObject, Sendable {
  /// What the guest's command line must say to find it.
  var commandLine: String { get }
  /// Starts serving.
  func start(on cpu: Int?) throws(SystemError)
  /// Keeps its thread asleep while another machine has its turn, or lets it go on. Nothing is in flight. Any thread.
  func park(_ isParked: Bool)
  /// Tells it to end serving. Does not wait.
  func stop()
  /// Waits for its thread, and leaves it behind when the deadline, `MonotonicClock` time, passes first.
  func join(until deadline: UInt64)
  /// The first thing that went wrong, as a leg's reason.
  var failure: String? { get }
  /// Kernel thread id of the I/O thread; 0 where there is none yet or at all.
  var thread: Int32 { get }
  /// What the device has counted so far, by name: `interrupts` that it raised; for virtio also `doorbells` that ended at its
  /// eventfd, where the kernel shows them, and `io_wakeups`, sleeps of the I/O thread that ended; for disks `backend_calls` and
  /// `backend_copies`, system calls of the storage engine and requests whose data was copied; for IDE `backend_requests`
  /// and, no count, `backend_p50_ns`, the median time of the last of them. Any thread.
  var counts: [String: UInt64] { get }
  /// The names of all that it may ever count, sorted.
  var countNames: [String] { get }
  /// What others of its kind count and it does not, with the reason.
  var uncounted: [String: String] { get }
}

extension AttachedDevice {
  /// A device without a thread that would do anything by itself has nothing to keep asleep.
  func park(_ isParked: Bool) {}

  var uncounted: [String: String] { [:] }
}
