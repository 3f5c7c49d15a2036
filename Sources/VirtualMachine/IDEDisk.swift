import Devices
import GuestMemory
import LinuxSystem
import Storage
import Synchronization

/// The IDE controller, which works on the vCPU's thread.
final class IDEDisk: AttachedDevice, @unchecked Sendable {
  // @unchecked: the controller has a lock of its own.

  let controller: IDEController<Backing>
  /// Whether an access never came back, and the controller's lock with it.
  private let isLost = Atomic<Bool>(false)

  init(_ backing: consuming Backing, _ memory: GuestMemory, interrupt: any InterruptLine) {
    controller = IDEController(engine: backing, memory: memory, interrupt: interrupt)
  }

  var commandLine: String { "" }

  var failure: String? {
    if isLost.load(ordering: .acquiring) { return "the disk does not answer" }
    return controller.firstFailure.map { "the disk failed: \($0)" }
  }

  var threads: [Int32] { [] }

  var countNames: [String] { ["backend_calls", "backend_copies", "backend_p50_ns", "backend_requests", "interrupts"] }
  var counts: [String: UInt64] {
    if isLost.load(ordering: .acquiring) { return [:] }
    let counters = controller.counters
    var counts = ["interrupts": counters.interrupts, "backend_requests": counters.engineRequests]
    (counts["backend_calls"], counts["backend_copies"]) = (counters.engineCalls, counters.engineCopies)
    counts["backend_p50_ns"] = controller.medianServiceTime
    return counts
  }

  func start(on cpus: [Int?]) throws(SystemError) {}
  func park(_ isParked: Bool) {
    if isParked { controller.rest() }
  }
  func stop() {}

  func join(until deadline: UInt64) {
    if !controller.isIdle(by: deadline) { isLost.store(true, ordering: .releasing) }
  }
}
