import CLinux
import Glibc
import LinuxSystem
import Synchronization

/// Hands rings from the vCPU threads, which set devices up and reset them, to the I/O thread that serves them, and takes them
/// back.
///
/// Every change gives the state a new version and rings the doorbell. The I/O thread looks at the version between any two
/// requests, lets what is in flight finish, and acknowledges the version: from then on it touches no ring of an older one.
/// `change` returns only after that, so a driver may reuse the memory of its rings as soon as its register access ends; the
/// access lasts as long as the requests in flight do.
final class QueueHandover: Sendable {
  /// What the I/O thread is to serve.
  struct State: Sendable {
    /// Counts starts: rings of another session start from their first entry.
    var session: UInt32 = 0
    var features: VirtioFeatures = []
    /// By queue; nil where it is not to be served.
    var layouts: [VirtqueueLayout?] = []
    var interrupts: (any VirtioInterrupts)?
    /// Why nothing is served any more in this session.
    var failure: String?
    fileprivate var isServed = false
  }

  /// The state as the I/O thread acknowledged it.
  struct Session {
    let version: UInt32
    let state: State

    /// Whether there is nothing to serve.
    var isIdle: Bool { state.failure != nil || state.layouts.allSatisfy { $0 == nil } }
  }

  /// How long an I/O thread sleeps at most before it looks by itself whether anything is asked of it, in milliseconds.
  static let sleepLimit: Int32 = 1000

  private let state = Mutex(State())
  private let version = Atomic<UInt32>(0)
  private let acknowledged = Atomic<UInt32>(0)
  private let stops = Atomic<Bool>(false)
  private let parked = Atomic<Bool>(false)
  let doorbell: EventCounter

  init() throws(SystemError) {
    doorbell = try EventCounter(nonBlocking: true)
  }

  // MARK: vCPU threads

  /// Changes the state; on return the I/O thread has stopped using the old one, or is to stop altogether.
  func change(_ body: (inout State) -> Void) {
    let (target, isServed) = state.withLock { state in
      body(&state)
      return (version.add(1, ordering: .sequentiallyConsistent).newValue, state.isServed)
    }
    doorbell.signal()
    guard isServed else { return }
    var isRunning = true
    while isRunning, !isStopped, Int32(bitPattern: acknowledged.load(ordering: .acquiring) &- target) < 0 {
      usleep(20)
      isRunning = state.withLock { $0.isServed }
    }
  }

  /// Begins a session with what the driver set up.
  func start(features: VirtioFeatures, queues: [VirtqueueLayout?], interrupts: any VirtioInterrupts) {
    change { state in
      state.session &+= 1
      state.features = features
      state.layouts = queues
      state.interrupts = interrupts
      state.failure = nil
    }
  }

  /// Ends the service of one queue.
  func stop(queue: Int) {
    change { state in
      if state.layouts.indices.contains(queue) { state.layouts[queue] = nil }
    }
  }

  /// Ends the session.
  func reset() {
    change { state in
      state.session &+= 1
      state.layouts = []
      state.interrupts = nil
      state.failure = nil
    }
  }

  var failure: String? { state.withLock { $0.failure } }

  /// Makes the I/O thread sleep as soon as it has nothing to do, however it would pass its time else, or lets it go on.
  func park(_ isParked: Bool) {
    parked.store(isParked, ordering: .releasing)
    if !isParked { doorbell.signal() }
  }

  /// Makes the I/O thread return soon. It stays stopped.
  func stop() {
    stops.store(true, ordering: .releasing)
    version.add(1, ordering: .sequentiallyConsistent)
    doorbell.signal()
  }

  // MARK: the I/O thread

  var isStopped: Bool { stops.load(ordering: .acquiring) }

  /// Whether an idle thread is to sleep at once.
  var isParked: Bool { parked.load(ordering: .acquiring) }

  /// The version now; a single load.
  @inline(__always)
  var current: UInt32 { version.load(ordering: .acquiring) }

  /// Begins or ends the I/O thread's service. Changes do not wait for a thread that does not serve.
  func serve(_ isServed: Bool) {
    state.withLock { $0.isServed = isServed }
  }

  /// Acknowledges every change until now and returns the state that they made.
  func acknowledge() -> Session {
    state.withLock { state in
      let version = self.version.load(ordering: .acquiring)
      acknowledged.store(version, ordering: .releasing)
      return Session(version: version, state: state)
    }
  }

  /// Records why the session cannot go on, and tells the driver.
  func fail(session: UInt32, _ reason: String) {
    let interrupts = state.withLock { state -> (any VirtioInterrupts)? in
      guard state.session == session, state.failure == nil else { return nil }
      state.failure = reason
      return state.interrupts
    }
    interrupts?.configurationChanged()
  }
}
