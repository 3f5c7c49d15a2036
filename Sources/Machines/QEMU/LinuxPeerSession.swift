import Counters
import Definitions
import LinuxBoot
import LinuxSystem
import Network
import Results
import Synchronization
import Topology

/// A boot of Linux under QEMU, with the disk that our own monitor gives it.
final class LinuxPeerSession: PreparedSession {
  private let qemu: String
  private let command: QEMUCommand
  private let linux: LinuxSpecification
  private let guest: LinuxSupply.Guest
  private let task: LinuxTask
  /// The kernel, and its initial RAM disk with the job behind it: as they were when the run began, and in no file that anybody could
  /// change meanwhile.
  private let kernel: Descriptor
  private let initrd: Descriptor
  private let isCancelled = Atomic<Bool>(false)
  private var outcome = SessionOutcome()

  init(_ qemu: String, _ command: QEMUCommand, _ linux: LinuxSpecification) throws(SessionObstacle) {
    if let obstacle = LinuxGuestSession.obstacle { throw .unavailable(obstacle) }
    guard let supply = command.context.linux, let guest = supply.guest else {
      throw .failure("the suite names no kernel")
    }
    (self.qemu, self.command, self.linux, self.guest) = (qemu, command, linux, guest)
    task = supply.task(
      linux, isReadOnly: command.disk?.isReadOnly ?? false,
      window: command.context.window(of: command.session.legs[0]))
    do {
      kernel = try UnnamedFile.inMemory(guest.kernel)
      initrd = try UnnamedFile.inMemory(try task.archive().appended(to: guest.initrd))
    } catch { throw .failure("\(error)") }
  }

  func run() {
    do throws(SystemError) { try boot() } catch { outcome.failure = error.description }
  }

  func cancel() { isCancelled.store(true, ordering: .relaxed) }

  func finish() -> SessionOutcome { outcome }

  private func boot() throws(SystemError) {
    let context = command.context
    let cpus = [context.cpus.workload] + (context.cpus.io.map { [$0] } ?? [])
    let noise = try? context.noise.sample(cpus: cpus)
    // A session has a disk or a network interface, whose descriptors come first.
    var devices = command.disk?.peer.descriptors ?? []
    if case .tap(let tap) = context.nearEnd { devices.append(tap) }
    let first = ChildProcess.passed + Int32(devices.count)
    let start = MonotonicClock.now
    let observer = LinuxObserver(task, linux.job, began: start)
    let child = try QEMUProgram.start(
      qemu,
      command.arguments(
        kernel: UnnamedFile.path(first), initrd: UnnamedFile.path(first + 1), append: guest.commandLine),
      on: cpus, pages: context.memory.pages, passing: devices + [kernel.rawValue, initrd.rawValue], listens: false)
    let pid = child.pid
    let interruption = context.interruption
    let receive = { (bytes: UnsafeRawBufferPointer) in
      for index in bytes.indices {
        let byte = unsafe bytes[index]
        // The guest runs, so every thread is there: the vCPU's goes where the native leg's ran.
        guard let stage = observer.receive(byte).stage, stage == .hello || stage == .ready else { continue }
        ProcessThreads.pin("CPU 0/", of: pid, to: context.cpus.workload)
        if let cpu = context.cpus.io { ProcessThreads.pin("IO ", of: pid, to: cpu) }
      }
    }
    let hasEnded = unsafe child.drain(
      until: start + context.patience(command.session),
      isCancelled: {
        interruption.isRequested || isCancelled.load(ordering: .relaxed) || observer.isOver
      }, receive)
    if let noise { outcome.noise = try? context.noise.sample(cpus: cpus).since(noise) }
    outcome.memory = MemoryRecord(node: context.memory.node, hugePages: context.memory.pages.rawValue)
    outcome.memory?.reason = "QEMU was told by its options; its memory went with its process, unseen"
    outcome.conclude(
      observer.conclusion(
        phrase(hasEnded, child.complaint()), host: context.linux?.program(linux.job)?.version))
  }

  /// How QEMU ended whose guest had not come to its own end.
  private func phrase(_ hasEnded: Bool, _ complaint: String) -> String {
    if command.context.interruption.isRequested { return "interrupted" }
    let suffix = complaint.isEmpty ? "" : " (\(complaint.printable))"
    return (hasEnded ? "QEMU ended" : "the guest had not ended by the deadline") + suffix
  }
}
