import CLinux
import Synchronization

/// The user's wish to stop: SIGINT (Ctrl-C), SIGTERM, or SIGHUP when the connection is lost. The first ends what runs and keeps
/// what was measured. So does the second, which impatience sends while that is being kept; the third ends the process at once.
public final class Interruption: Sendable {
  private struct State {
    var requested = false
    var stop: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  public init() {}

  public var isRequested: Bool { state.withLock { $0.requested } }

  /// Asks whatever runs to stop. Any thread.
  public func request() {
    let stop = state.withLock { state in
      state.requested = true
      return state.stop
    }
    stop?()
  }

  /// What to call when the wish comes while something runs; at once when it has come already.
  public func whileRunning(_ stop: @escaping @Sendable () -> Void) -> Registration {
    let requested = state.withLock { state in
      state.stop = stop
      return state.requested
    }
    if requested { stop() }
    return Registration(interruption: self)
  }

  /// Something that runs and would have to be stopped.
  public struct Registration {
    fileprivate let interruption: Interruption
    /// What runs has ended.
    public func end() { interruption.state.withLock { $0.stop = nil } }
  }

  /// Turns SIGINT, SIGTERM and SIGHUP into requests, on a thread of their own. Comes before any other thread is started, since
  /// threads inherit the blocked signals. A signal that whoever started the program had it ignore (`nohup`, `&` in a script)
  /// stays ignored.
  /// - Parameter onRequest: called with 1 for the first signal, 2 for the second; the third is the process's end.
  public func watchSignals(_ onRequest: @escaping @Sendable (Int) -> Void) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    // A signal that is blocked is kept for whoever waits for it, also where it would be ignored.
    for number in [SIGINT, SIGTERM, SIGHUP] where nm_ignores_signal(number) == 0 { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    let signals = set
    // The thread waits for signals as long as the process lives; nothing owns it.
    let thread = try? PinnedThread(name: "signals") { [self] in
      var count = 0
      while true {
        var number: Int32 = 0
        var waited = signals
        guard unsafe sigwait(&waited, &number) == 0 else { continue }
        count += 1
        if count > 2 { _exit(130) }
        onRequest(count)
        request()
      }
    }
    thread?.detach()
  }
}
