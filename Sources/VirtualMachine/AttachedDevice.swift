import LinuxSystem

/// A disk or a network interface that is part of a machine: its device model, and the threads that serve it where it has some.
protocol AttachedDevice: AnyObject, Sendable {
  /// What the guest's command line must say to find it.
  var commandLine: String { get }
  /// Starts serving.
  /// - Parameter cpus: of its threads, in their order and from the first again where there are more; never empty.
  func start(on cpus: [Int?]) throws(SystemError)
  /// Keeps its threads asleep while another machine has its turn, or lets it go on. Nothing is in flight. Any thread.
  func park(_ isParked: Bool)
  /// Tells it to end serving. Does not wait.
  func stop()
  /// Waits for its threads, and leaves those behind when the deadline, `MonotonicClock` time, passes first.
  func join(until deadline: UInt64)
  /// The first thing that went wrong, as a leg's reason.
  var failure: String? { get }
  /// Kernel thread ids of its I/O threads, in their order; 0 for one that does not run yet.
  var threads: [Int32] { get }
  /// What the device has counted so far, by name: `interrupts` that it raised; for virtio also `doorbells` that ended at its
  /// eventfd, where the kernel shows them, and `io_wakeups`, sleeps of the I/O thread that ended; for disks `backend_calls` and
  /// `backend_copies`, system calls of the storage engine and requests whose data was copied, and of one with several queues
  /// `queueN.doorbells` and `queueN.requests`; for IDE `backend_requests`
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
