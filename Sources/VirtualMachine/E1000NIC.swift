import CLinux
import Devices
import Frames
import GuestMemory
import LinuxSystem
import Synchronization

/// The e1000 with its I/O thread, which receives.
final class E1000NIC: AttachedDevice, @unchecked Sendable {
  // @unchecked: `ioThread` is used by the machine's owner alone.

  let device: E1000
  private var ioThread: PinnedThread?
  private let identifier = Atomic<Int32>(0)
  private let problem = Mutex<String?>(nil)

  init(_ device: E1000) {
    self.device = device
  }

  var commandLine: String { "" }
  var thread: Int32 { identifier.load(ordering: .acquiring) }
  var failure: String? { problem.withLock { $0 } ?? device.firstError }

  var counts: [String: UInt64] { ["interrupts": device.counters.interrupts] }

  func start(on cpu: Int?) throws(SystemError) {
    ioThread = try PinnedThread(name: "e1000", cpu: cpu) { [self] in
      identifier.store(nm_gettid(), ordering: .releasing)
      do throws(SystemError) {
        try device.serve()
      } catch {
        problem.withLock { $0 = error.description }
      }
    }
  }

  func stop() {
    device.stop()
    ioThread?.join()
    ioThread = nil
  }
}
