import GuestMemory
import LinuxSystem
import Storage

/// What a virtio-blk device counts.
public enum BlockCounter: Int, CaseIterable, Sendable {
  case reads, writes, flushes, discards, writeZeroes, identities, unsupported, errors
  case bytesRead, bytesWritten
  /// Interrupts raised, doorbell waits that ended, and times that polling gave up and slept.
  case interrupts, wakeups, sleeps
  /// System calls of the storage engine, and requests whose data was copied on its way to it.
  case calls, copies
}

/// virtio-blk (virtio 1.2 §5.2): a disk for a driver, over any transport, on any storage engine.
///
/// The registers' side runs on vCPU threads through `VirtioDevice`. The data path runs on the threads that call `serve`, each of which
/// alone uses its engine and its rings.
public final class VirtioBlock: VirtioDevice {
  /// Bytes of all requests in flight at which no further one is taken: what a guest can have under way when it is ended.
  public static let mostBytesInFlight: UInt64 = 256 << 20

  public let disk: BlockDisk
  public let options: BlockOptions
  let memory: GuestMemory
  /// By I/O thread.
  let services: [BlockService]
  /// By number.
  let queues: [BlockQueueState]
  let errors = BlockErrorLog()
  private let configuration: BlockConfiguration

  public init(memory: GuestMemory, disk: BlockDisk, options: BlockOptions = BlockOptions()) throws(SystemError) {
    self.memory = memory
    self.disk = disk
    self.options = options
    configuration = BlockConfiguration(disk, options)
    services = try (0..<options.threads).map { (number) throws(SystemError) in try BlockService(number, options) }
    queues = try (0..<options.queues).map { (_) throws(SystemError) in try BlockQueueState() }
  }

  /// Commands and errors so far.
  public var counters: BlockCounts { BlockCounts(services: services) }

  /// Requests that were taken from a queue so far.
  public func requests(queue: Int) -> UInt64 { queues[queue].requests[.requests] }

  // MARK: the data path's threads

  /// Serves the driver until `stop`. The calling thread is one of the device's I/O threads meanwhile; there is one of each number at a
  /// time.
  /// - Parameters:
  ///   - backing: the disk that `disk` describes; no other thread has it.
  ///   - mode: how the thread learns of requests and tells of completions.
  ///   - number: of the thread, below `BlockOptions.threads`: says which queues it serves.
  /// - Throws: `SystemError` where the thread's own descriptors cannot be made.
  public func serve(_ backing: inout Backing, mode: ServiceMode, thread number: Int = 0) throws(SystemError) {
    try serveEngine(&backing, mode: mode, services[number])
  }

  /// `serve` for an engine of the caller's own, for instance one that checks what it is given.
  public func serve<Engine: StorageEngine & ~Copyable>(
    engine: inout Engine, mode: ServiceMode, thread number: Int = 0
  ) throws(SystemError) {
    try serveEngine(&engine, mode: mode, services[number])
  }

  /// Makes every `serve` return, now or as soon as it is called. Requests in flight finish first.
  public func stop() {
    for service in services { service.handover.stop() }
  }

  /// Makes the I/O threads sleep whenever they have nothing to do, though they would poll else, or lets them go on: what a leg's
  /// guest is to cost while another leg has its turn. Any thread.
  public func park(_ isParked: Bool) {
    for service in services { service.handover.park(isParked) }
  }

  /// The first errors that requests ended with, at most 16.
  public var firstErrors: [BlockError] { errors.all }

  // MARK: VirtioDevice

  public var deviceType: UInt16 { 2 }
  public var offeredFeatures: VirtioFeatures { options.features(of: disk) }
  public var queueSizes: [UInt16] { [UInt16](repeating: options.queueSize, count: options.queues) }
  public var failure: String? { services.lazy.compactMap(\.handover.failure).first }

  public func doorbell(queue: Int) -> Int32 { queues[queue].doorbell.rawValue }

  public func readConfiguration(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    configuration.read(offset, width: width)
  }

  public func writeConfiguration(_ offset: UInt64, width: AccessWidth, value: UInt64) {}

  public func start(features: VirtioFeatures, queues: [VirtqueueLayout?], interrupts: any VirtioInterrupts) {
    for service in services { service.start(features: features, queues: queues, interrupts: interrupts) }
  }

  public func stop(queue: Int) {
    for service in services where service.queues.contains(queue) { service.handover.stop(queue: queue) }
  }

  public func reset() {
    for service in services { service.handover.reset() }
  }
}
