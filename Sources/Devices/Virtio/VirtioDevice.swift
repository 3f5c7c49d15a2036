/// A virtio device as its transport sees it. It knows no transport: registers, capabilities and negotiation are the transport's,
/// queues and configuration the device's. Calls come from vCPU threads, one at a time.
public protocol VirtioDevice: AnyObject, Sendable {
  /// The device type (virtio 1.2 §5).
  var deviceType: UInt16 { get }
  /// What the device can do.
  var offeredFeatures: VirtioFeatures { get }
  /// Whether a driver may have this subset of what is offered: some features need others (§2.2).
  func accepts(_ features: VirtioFeatures) -> Bool
  /// The largest size of each queue.
  var queueSizes: [UInt16] { get }
  /// The eventfd that stands for a doorbell of a queue; the device owns it.
  func doorbell(queue: Int) -> Int32

  /// Reads the device's configuration structure; zero past its end.
  func readConfiguration(_ offset: UInt64, width: AccessWidth) -> UInt64
  /// Writes the device's configuration structure. What is not writable ignores it.
  func writeConfiguration(_ offset: UInt64, width: AccessWidth, value: UInt64)

  /// The driver is ready: the queues that have a layout may be used from now on (§3.1.1).
  func start(features: VirtioFeatures, queues: [VirtqueueLayout?], interrupts: any VirtioInterrupts)
  /// Stops using one queue. On return the device touches it no more.
  func stop(queue: Int)
  /// Back to the state before `start`. On return the device touches no guest memory and raises no interrupt.
  func reset()
  /// Why the device cannot go on until it is reset; nil while it can (§2.1.2).
  var failure: String? { get }
}

extension VirtioDevice {
  public func accepts(_ features: VirtioFeatures) -> Bool { true }
}

/// How a device reaches its driver. Any thread may call.
public protocol VirtioInterrupts: Sendable {
  /// Buffers were used in a queue.
  func buffersUsed(in queue: Int)
  /// An eventfd that stands for `buffersUsed`, as things are now: for a data path outside this process. nil where there is none.
  func event(for queue: Int) -> Int32?
  /// The configuration or the device's status changed.
  func configurationChanged()
}

extension VirtioInterrupts {
  public func event(for queue: Int) -> Int32? { nil }
}

/// Bits of the device status (virtio 1.2 §2.1).
public struct VirtioStatus: OptionSet, Hashable, Sendable {
  public let rawValue: UInt8

  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  public static let acknowledge = VirtioStatus(rawValue: 1)
  public static let driver = VirtioStatus(rawValue: 2)
  public static let driverOK = VirtioStatus(rawValue: 4)
  public static let featuresOK = VirtioStatus(rawValue: 8)
  public static let needsReset = VirtioStatus(rawValue: 64)
  public static let failed = VirtioStatus(rawValue: 128)
}
