import CLinux
import Devices
import GuestMemory
import KVM
import LinuxSystem
import Storage
import Synchronization

/// virtio-blk with its I/O thread.
final class VirtioDisk: AttachedDevice, @unchecked Sendable {
  // @unchecked: `backing` is used by the I/O thread alone, `ioThread` by the machine's owner alone.

  let device: VirtioBlock
  let commandLine: String
  private let mode: ServiceMode
  private var backing: Backing
  private var ioThread: PinnedThread?
  private let identifier = Atomic<Int32>(0)
  private let problem = Mutex<String?>(nil)

  init(
    _ backing: consuming Backing, _ memory: GuestMemory, _ mode: ServiceMode, _ options: BlockOptions,
    commandLine: String
  ) throws(SystemError) {
    device = try VirtioBlock(memory: memory, disk: BlockDisk(of: backing), options: options)
    self.mode = mode
    self.backing = backing
    self.commandLine = commandLine
  }

  var thread: Int32 { identifier.load(ordering: .acquiring) }

  var failure: String? {
    problem.withLock { $0 } ?? device.failure.map { "the virtio disk needs a reset: \($0)" }
      ?? device.firstErrors.first.map { "the disk failed: \($0)" }
  }

  var counts: [String: UInt64] {
    var counts = ["interrupts": device.counters[.interrupts], "io_wakeups": device.counters[.wakeups]]
    counts["doorbells"] = EventCounter.signals(of: device.doorbell(queue: 0))
    return counts
  }

  func start(on cpu: Int?) throws(SystemError) {
    ioThread = try PinnedThread(name: "io", cpu: cpu) { [self] in
      identifier.store(nm_gettid(), ordering: .releasing)
      do throws(SystemError) {
        try device.serve(&backing, mode: mode)
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
