import CLinux
import Devices
import Frames
import GuestMemory
import LinuxSystem
import Synchronization

/// virtio-net with its I/O thread.
final class VirtioNIC: AttachedDevice, @unchecked Sendable {
  // @unchecked: `ioThread` is used by the machine's owner alone.

  let device: VirtioNet
  let commandLine: String
  private let mode: ServiceMode
  private var ioThread: PinnedThread?
  private let identifier = Atomic<Int32>(0)
  private let problem = Mutex<String?>(nil)

  init(
    _ link: any FrameLink, _ memory: GuestMemory, _ mode: ServiceMode, _ options: NetOptions, commandLine: String
  ) throws(SystemError) {
    device = try VirtioNet(memory: memory, link: link, options: options)
    self.mode = mode
    self.commandLine = commandLine
  }

  var thread: Int32 { identifier.load(ordering: .acquiring) }

  var failure: String? {
    problem.withLock { $0 } ?? device.failure.map { "the virtio network interface needs a reset: \($0)" }
      ?? device.firstError
  }

  var counts: [String: UInt64] {
    var counts = ["interrupts": device.counters[.interrupts], "io_wakeups": device.counters[.wakeups]]
    counts["doorbells"] = EventCounter.signals(of: device.doorbell(queue: 0))
    return counts
  }

  func start(on cpu: Int?) throws(SystemError) {
    ioThread = try PinnedThread(name: "net", cpu: cpu) { [self] in
      identifier.store(nm_gettid(), ordering: .releasing)
      do throws(SystemError) {
        try device.serve(mode: mode)
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
