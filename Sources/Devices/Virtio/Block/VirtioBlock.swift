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
/// The registers' side runs on vCPU threads through `VirtioDevice`. The data path runs on the thread that calls `serve`, which
/// alone uses the engine and the rings.
public final class VirtioBlock: VirtioDevice {
  /// Bytes of all requests in flight at which no further one is taken: what a guest can have under way when it is ended.
  public static let mostBytesInFlight: UInt64 = 256 << 20

  /// Commands and errors so far.
  public let counters = DeviceCounters<BlockCounter>()
  public let disk: BlockDisk
  public let options: BlockOptions
  let memory: GuestMemory
  let handover: QueueHandover
  let errors = BlockErrorLog()
  private let configuration: BlockConfiguration

  public init(memory: GuestMemory, disk: BlockDisk, options: BlockOptions = BlockOptions()) throws(SystemError) {
    self.memory = memory
    self.disk = disk
    self.options = options
    configuration = BlockConfiguration(disk, options)
    handover = try QueueHandover()
  }

  // MARK: the data path's thread

  /// Serves the driver until `stop`. The calling thread is the device's I/O thread meanwhile; there is one at a time.
  /// - Parameters:
  ///   - backing: the disk that `disk` describes.
  ///   - mode: how the thread learns of requests and tells of completions.
  /// - Throws: `SystemError` where the thread's own descriptors cannot be made.
  public func serve(_ backing: inout Backing, mode: ServiceMode) throws(SystemError) {
    try serveEngine(&backing, mode: mode)
  }

  /// `serve` for an engine of the caller's own, for instance one that checks what it is given.
  public func serve<Engine: StorageEngine & ~Copyable>(
    engine: inout Engine, mode: ServiceMode
  ) throws(SystemError) {
    try serveEngine(&engine, mode: mode)
  }

  /// Makes `serve` return, now or as soon as it is called. Requests in flight finish first.
  public func stop() {
    handover.stop()
  }

  /// Makes the I/O thread sleep whenever it has nothing to do, though it would poll else, or lets it go on: what a leg's guest
  /// is to cost while another leg has its turn. Any thread.
  public func park(_ isParked: Bool) { handover.park(isParked) }

  /// The first errors that requests ended with, at most 16.
  public var firstErrors: [BlockError] { errors.all }

  // MARK: VirtioDevice

  public var deviceType: UInt16 { 2 }
  public var offeredFeatures: VirtioFeatures { options.features(of: disk) }
  public var queueSizes: [UInt16] { [UInt16](repeating: options.queueSize, count: options.queues) }
  public var failure: String? { handover.failure }

  public func doorbell(queue: Int) -> Int32 { handover.doorbell.rawValue }

  public func readConfiguration(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    configuration.read(offset, width: width)
  }

  public func writeConfiguration(_ offset: UInt64, width: AccessWidth, value: UInt64) {}

  public func start(features: VirtioFeatures, queues: [VirtqueueLayout?], interrupts: any VirtioInterrupts) {
    handover.start(features: features, queues: queues, interrupts: interrupts)
  }

  public func stop(queue: Int) { handover.stop(queue: queue) }

  public func reset() { handover.reset() }
}
