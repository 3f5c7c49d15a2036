import Devices
import LinuxSystem
import Storage
import Synchronization

/// A device's I/O thread, stopped and joined when the test ends.
final class TestService {
  private let stop: () -> Void
  private let thread: PinnedThread

  /// Tells the test that the engine is there.
  private final class Ready: Sendable {
    let event: EventCounter
    init() throws { event = try EventCounter() }
  }

  /// - Parameters:
  ///   - number: of several threads, which are all stopped at once.
  ///   - makeEngine: runs on the thread, before this returns.
  init<Engine: StorageEngine & ~Copyable & SendableMetatype>(
    _ device: VirtioBlock, mode: ServiceMode, thread number: Int = 0,
    _ makeEngine: @escaping @Sendable () throws -> Engine
  ) throws {
    stop = { device.stop() }
    let ready = try Ready()
    thread = try PinnedThread(name: "test-io") {
      var engine = try! makeEngine()
      ready.event.signal()
      try! device.serve(engine: &engine, mode: mode, thread: number)
    }
    _ = ready.event.take()
  }

  init(_ device: VirtioNet, mode: ServiceMode) throws {
    stop = { device.stop() }
    thread = try PinnedThread(name: "test-net") { try! device.serve(mode: mode) }
  }

  func end() {
    stop()
    thread.join()
  }

  deinit {
    end()
  }
}
