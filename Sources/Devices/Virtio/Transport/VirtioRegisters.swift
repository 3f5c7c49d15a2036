import CLinux
import Glibc
import GuestMemory

/// What every transport has: feature negotiation, the device status and the queues' set-up (virtio 1.2 §2.1, §2.2, §3.1). The
/// transports translate their registers into these calls.
final class VirtioRegisters {
  /// One queue's registers.
  struct Queue: Sendable {
    let maximum: UInt16
    var size: UInt16
    var isReady = false
    var descriptorArea: UInt64 = 0
    var driverArea: UInt64 = 0
    var deviceArea: UInt64 = 0
  }

  let device: any VirtioDevice
  private(set) var status: VirtioStatus = []
  private(set) var queues: [Queue] = []
  private(set) var driverFeatures: UInt64 = 0
  var deviceFeatureSelect: UInt32 = 0
  var driverFeatureSelect: UInt32 = 0
  var queueSelect: UInt16 = 0
  private let interrupts: any VirtioInterrupts

  init(_ device: any VirtioDevice, interrupts: any VirtioInterrupts) {
    self.device = device
    self.interrupts = interrupts
    clear()
  }

  private func clear() {
    status = []
    driverFeatures = 0
    deviceFeatureSelect = 0
    driverFeatureSelect = 0
    queueSelect = 0
    queues = device.queueSizes.map { Queue(maximum: $0, size: $0) }
  }

  // MARK: features

  /// The half of the offered features that is selected; zero past the second.
  var selectedDeviceFeatures: UInt32 {
    deviceFeatureSelect < 2
      ? UInt32(truncatingIfNeeded: device.offeredFeatures.rawValue >> (deviceFeatureSelect * 32)) : 0
  }

  /// The half of the accepted features that is selected. Once FEATURES_OK is set they are fixed.
  var selectedDriverFeatures: UInt32 {
    get { driverFeatureSelect < 2 ? UInt32(truncatingIfNeeded: driverFeatures >> (driverFeatureSelect * 32)) : 0 }
    set {
      guard driverFeatureSelect < 2, !status.contains(.featuresOK) else { return }
      let shift = UInt64(driverFeatureSelect * 32)
      driverFeatures = driverFeatures & ~(0xffff_ffff << shift) | UInt64(newValue) << shift
    }
  }

  /// A subset of what is offered, of virtio 1 at least (§3.1.1, §6.1).
  private var featuresAreAcceptable: Bool {
    let accepted = VirtioFeatures(rawValue: driverFeatures)
    return accepted.isSubset(of: device.offeredFeatures) && accepted.contains(.version1)
      && device.accepts(accepted)
  }

  // MARK: status

  /// The status as the driver reads it.
  var visibleStatus: VirtioStatus { device.failure == nil ? status : status.union(.needsReset) }

  /// Zero resets the device; else bits are only ever added, and in their order (§2.1, §3.1.1).
  func setStatus(_ value: UInt8) {
    guard value != 0 else { return reset() }
    var added = VirtioStatus(rawValue: value).subtracting(status).subtracting(.needsReset)
    if added.contains(.featuresOK), !featuresAreAcceptable { added.remove(.featuresOK) }
    if added.contains(.driverOK), !status.union(added).contains(.featuresOK) { added.remove(.driverOK) }
    status.formUnion(added)
    if added.contains(.driverOK) {
      let layouts = queues.map { $0.isReady ? layout($0) : nil }
      device.start(features: VirtioFeatures(rawValue: driverFeatures), queues: layouts, interrupts: interrupts)
    }
    if added.contains(.failed) { device.reset() }
  }

  /// Returns everything to where it began. On return the device touches no guest memory.
  func reset() {
    device.reset()
    clear()
  }

  // MARK: queues

  private func layout(_ queue: Queue) -> VirtqueueLayout {
    VirtqueueLayout(
      size: queue.size, descriptorArea: GuestAddress(queue.descriptorArea), driverArea: GuestAddress(queue.driverArea),
      deviceArea: GuestAddress(queue.deviceArea))
  }

  /// The selected queue; nil where there is none of that number.
  var selectedQueue: Queue? { Int(queueSelect) < queues.count ? queues[Int(queueSelect)] : nil }

  /// Changes the selected queue, unless it is ready: a queue in use keeps its place (§4.2.2.2).
  func configureQueue(_ body: (inout Queue) -> Void) {
    guard let queue = selectedQueue, !queue.isReady else { return }
    body(&queues[Int(queueSelect)])
  }

  /// A queue may be made ready between FEATURES_OK and DRIVER_OK with a size that it can have, and be stopped at any time.
  func setReady(_ isReady: Bool) {
    guard let queue = selectedQueue, queue.isReady != isReady else { return }
    if isReady {
      guard status.contains(.featuresOK), !status.contains(.driverOK), 1...queue.maximum ~= queue.size else { return }
    } else if status.contains(.driverOK) {
      device.stop(queue: Int(queueSelect))
    }
    queues[Int(queueSelect)].isReady = isReady
  }
}

extension UInt64 {
  /// Replaces the low (0) or the high (1) 32 bits.
  mutating func setHalf(_ half: Int, _ value: UInt32) {
    let shift = UInt64(half * 32)
    self = self & ~(0xffff_ffff << shift) | UInt64(value) << shift
  }
}

/// Signals a device's eventfd, as the kernel does where it was registered.
func ring(_ event: Int32) {
  var one: UInt64 = 1
  while unsafe write(event, &one, 8) < 0 && nm_errno() == EINTR {}
}

/// A driver's notification as the bus sees it, for registering an eventfd in its place (virtio 1.2 §2.3).
public struct VirtioDoorbell: Hashable, Sendable {
  /// The queue that it is for.
  public let queue: Int
  /// Bytes from the start of the transport's range.
  public let offset: UInt64
  /// The width of the write; nil for any.
  public let width: AccessWidth?
  /// The value that the write must have; nil for any.
  public let value: UInt64?
  /// The eventfd to signal. It belongs to the device.
  public let event: Int32
}
