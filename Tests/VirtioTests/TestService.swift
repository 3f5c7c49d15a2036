import Devices
import LinuxSystem
import Storage
import Synchronization

/// A device's I/O thread, stopped and joined when the test ends.
final class TestService {
  private let device: VirtioBlock
  private let thread: PinnedThread

  /// - Parameter makeEngine: runs on the thread.
  init<Engine: StorageEngine & ~Copyable & SendableMetatype>(
    _ device: VirtioBlock, mode: BlockServiceMode, _ makeEngine: @escaping @Sendable () throws -> Engine
  ) throws {
    self.device = device
    thread = try PinnedThread(name: "test-io") {
      var engine = try! makeEngine()
      try! device.serve(engine: &engine, mode: mode)
    }
  }

  func end() {
    device.stop()
    thread.join()
  }

  deinit {
    end()
  }
}
