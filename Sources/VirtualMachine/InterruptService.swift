import CLinux
import Devices
import GuestMemory
import LinuxSystem
import ProbeABI
import Synchronization

/// The host thread that raises an interrupt by irqfd whenever the guest asks for one in shared memory.
final class InterruptService: TestInterrupts, @unchecked Sendable {
  // @unchecked: `thread` is used under the device lock only.

  private let memory: GuestMemory
  private let event: EventCounter
  private let cpu: Int?
  private let stopping = Atomic<Bool>(false)
  private let isParked = Atomic<Bool>(false)
  /// Wakes a thread that is parked.
  private let wake: EventCounter
  private let delayTicks = Atomic<UInt32>(0)
  private var thread: PinnedThread?

  /// - Parameters:
  ///   - event: attached to the interrupt.
  ///   - cpu: a host CPU that no vCPU runs on; nil when there is none, and then there is no service.
  /// - Throws: where there is no descriptor for it.
  init(memory: GuestMemory, event: consuming EventCounter, cpu: Int?) throws(SystemError) {
    wake = try EventCounter()
    self.memory = memory
    self.event = event
    self.cpu = cpu
  }

  /// Serves the page at a guest-physical address; 0 ends the service.
  /// - Returns: whether the page is served now.
  func serve(_ page: UInt64) -> Bool {
    stop()
    let size = UInt64(MemoryLayout<nm_irq_page>.size)
    guard page != 0, page % 64 == 0, let cpu, let bytes = unsafe memory.host(GuestAddress(page), count: size) else {
      return false
    }
    stopping.store(false, ordering: .relaxed)
    let place = UInt(bitPattern: bytes.baseAddress)
    // Read before the guest goes on: a request that it makes while the thread starts is not mistaken for an old one.
    let seen = unsafe nm_load_acquire(UnsafePointer(bitPattern: place))
    thread = try? PinnedThread(name: "irq-service", cpu: cpu) { [self] in watch(place, seen) }
    return thread != nil
  }

  var delay: UInt32 {
    get { delayTicks.load(ordering: .relaxed) }
    set { delayTicks.store(newValue, ordering: .relaxed) }
  }

  /// Raises the interrupt at once, on the caller's thread.
  func raise() { event.signal() }

  /// Keeps its thread asleep while another machine has its turn, or lets it go on. The guest asks for nothing meanwhile.
  func park(_ isParked: Bool) {
    self.isParked.store(isParked, ordering: .releasing)
    if !isParked { wake.signal() }
  }

  /// Ends the service and waits for its thread.
  func stop() {
    stopping.store(true, ordering: .releasing)
    wake.signal()
    thread?.join()
    thread = nil
  }

  /// Raises the interrupt so many ticks after the request, or not at all.
  private func answer() {
    let delay = self.delay
    guard delay != NM_TEST_IRQ_NEVER else { return }
    if delay > 0 {
      let due = nm_tsc() &+ UInt64(delay)
      while nm_tsc() < due, !stopping.load(ordering: .relaxed) { nm_relax() }
    }
    event.signal()
  }

  /// Spins on the request word. After a while without a request it sleeps between looks: a guest that stops asking does not
  /// burn a CPU.
  private func watch(_ place: UInt, _ first: UInt32) {
    guard let page = unsafe UnsafeMutablePointer<nm_irq_page>(bitPattern: place) else { return }
    let patience = 200_000
    var idle = 0
    var seen = first
    while !stopping.load(ordering: .acquiring) {
      if isParked.load(ordering: .acquiring) {
        _ = wake.take()
        continue
      }
      let request = unsafe nm_load_acquire(&page.pointee.request)
      if request != seen {
        seen = request
        answer()
        unsafe nm_store_release(&page.pointee.served, request)
        idle = 0
      } else if idle < patience {
        idle += 1
        nm_relax()
      } else {
        usleep(50)
      }
    }
  }
}
