import CLinux
import Synchronization
import SystemPackage

/// A POSIX thread, pinned to one CPU where asked, that is joined before its owner goes.
public final class PinnedThread: @unchecked Sendable {
  // @unchecked: `thread` is written once before the initialiser returns and only read afterwards.

  private final class Body: @unchecked Sendable {
    // @unchecked: handed to exactly one thread.
    let name: String
    let run: @Sendable () -> Void
    init(_ name: String, _ run: @escaping @Sendable () -> Void) {
      self.name = name
      self.run = run
    }
  }

  private var thread = pthread_t()
  private let joined = Atomic<Bool>(false)

  /// Starts a thread.
  /// - Parameters:
  ///   - name: shown by `ps` and `top`; at most 15 bytes count.
  ///   - cpu: the only CPU that it may run on; nil leaves it to the scheduler.
  ///   - body: what it does. It must return by itself once asked to: `join` waits for it.
  /// - Throws: `SystemError` also where the thread may not run on `cpu`; nothing of `body` was done then.
  public init(name: String, cpu: Int? = nil, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    if let cpu { _ = unsafe nm_attributes_pin(&attributes, Int32(cpu)) }
    let argument = unsafe Unmanaged.passRetained(Body(name, body)).toOpaque()
    let code = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        let body = unsafe Unmanaged<Body>.fromOpaque(argument!).takeRetainedValue()
        unsafe pthread_setname_np(pthread_self(), String(body.name.prefix(15)))
        KickSignal.unblock()
        body.run()
        return nil
      }, argument)
    guard code == 0 else {
      unsafe Unmanaged<Body>.fromOpaque(argument).release()
      throw SystemError(
        "start the thread \(name)\(cpu.map { " on CPU \($0)" } ?? "")", Errno(rawValue: code),
        advice: cpu == nil ? nil : "Choose CPUs that this process may use.")
    }
  }

  /// Waits for the thread's end. Later calls return at once.
  public func join() {
    if !joined.exchange(true, ordering: .acquiringAndReleasing) { _ = pthread_join(thread, nil) }
  }

  /// Sends the thread a signal, which interrupts a blocking system call in it. Does nothing once it was joined.
  public func signal(_ number: Int32) {
    if !joined.load(ordering: .acquiring) { pthread_kill(thread, number) }
  }

  /// Lets the thread run for as long as the process does.
  public func detach() {
    if !joined.exchange(true, ordering: .acquiringAndReleasing) { _ = pthread_detach(thread) }
  }

  deinit {
    join()
  }
}
