import CLinux
import Devices
import GuestMemory
import KVM
import LinuxSystem
import Storage
import Synchronization

/// A disk that is part of a machine: its device model, and the thread that serves it where it has one.
protocol AttachedDisk: AnyObject, Sendable {
  /// What the guest's command line must say to find it.
  var commandLine: String { get }
  /// Starts serving.
  func start(on cpu: Int?) throws(SystemError)
  /// Ends serving and waits for the thread.
  func stop()
  /// The first thing that went wrong, as a leg's reason.
  var failure: String? { get }
  /// Kernel thread id of the I/O thread; 0 where there is none yet or at all.
  var thread: Int32 { get }
}

/// virtio-blk with its I/O thread.
final class VirtioDisk: AttachedDisk, @unchecked Sendable {
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

/// The IDE controller, which works on the vCPU's thread.
final class IDEDisk: AttachedDisk, @unchecked Sendable {
  // @unchecked: the controller has a lock of its own.

  let controller: IDEController<Backing>

  init(_ backing: consuming Backing, _ memory: GuestMemory, interrupt: any InterruptLine) {
    controller = IDEController(engine: backing, memory: memory, interrupt: interrupt)
  }

  var commandLine: String { "" }
  var failure: String? { controller.firstFailure.map { "the disk failed: \($0)" } }
  var thread: Int32 { 0 }
  func start(on cpu: Int?) throws(SystemError) {}
  func stop() {}
}
