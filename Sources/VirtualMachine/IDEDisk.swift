import Devices
import GuestMemory
import LinuxSystem
import Storage

/// The IDE controller, which works on the vCPU's thread.
final class IDEDisk: AttachedDevice, @unchecked Sendable {
  // @unchecked: the controller has a lock of its own.

  let controller: IDEController<Backing>

  init(_ backing: consuming Backing, _ memory: GuestMemory, interrupt: any InterruptLine) {
    controller = IDEController(engine: backing, memory: memory, interrupt: interrupt)
  }

  var commandLine: String { "" }
  var failure: String? { controller.firstFailure.map { "the disk failed: \($0)" } }
  var thread: Int32 { 0 }
  var counts: [String: UInt64] {
    let counters = controller.counters
    var counts = ["interrupts": counters.interrupts, "backend_requests": counters.engineRequests]
    counts["backend_p50_ns"] = controller.medianServiceTime
    return counts
  }

  func start(on cpu: Int?) throws(SystemError) {}
  func stop() {}
}
