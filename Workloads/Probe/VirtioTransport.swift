import ProbeABI

/// How a virtio device is set up (virtio 1.2 §4): registers that are only touched before the first request.
protocol VirtioTransport {
  /// The device's own name for it in facts.
  static var name: StaticString { get }
  /// The status register; writing 0 resets the device.
  var status: UInt8 { get nonmutating set }
  /// The features that the device offers.
  var offered: UInt64 { get }
  /// Tells the device which of them the driver takes.
  func accept(_ features: UInt64)
  /// Four bytes of the device's configuration at a multiple of four.
  func configuration(_ offset: UInt64) -> UInt32
  /// Changes with the configuration.
  var generation: UInt32 { get }
  /// Most descriptors of a queue; 0 where there is no such queue.
  func queueMaximum(_ queue: UInt16) -> UInt16
  /// Gives a queue its memory and its interrupt and lets the device use it. Returns its doorbell.
  func startQueue(_ queue: UInt16, _ memory: VirtioQueueMemory) throws(DeviceError) -> VirtioQueueDoorbell
  /// Where to acknowledge an interrupt whose line stays raised until then; 0 where interrupts are messages.
  var acknowledge: UInt64 { get }
}

/// The register whose write tells the device to look at a queue.
struct VirtioQueueDoorbell {
  let queue: UInt16
  let address: UInt64
  /// Whether the register has 16 bits; else 32.
  let isShort: Bool

  @inline(__always)
  func ring() {
    let register = UnsafeMutableRawPointer(bitPattern: UInt(address))
    if isShort { nm_store16(register, queue) } else { nm_store32(register, UInt32(queue)) }
  }
}

extension VirtioTransport {
  /// Resets the device and tells it that there is a driver (virtio 1.2 §3.1.1, steps 1 to 3). Returns the features
  /// that it offers. A device that does not end its reset within a second is given up.
  func begin(tscKilohertz: UInt64) throws(DeviceError) -> UInt64 {
    status = 0
    let deadline = nm_tsc() &+ 1000 &* tscKilohertz
    while status != 0 {
      if nm_tsc() > deadline { throw DeviceError(reason: "the virtio device does not end its reset") }
    }
    status = VirtioDeviceStatus.acknowledge
    status = VirtioDeviceStatus.acknowledge | VirtioDeviceStatus.driver
    return offered
  }

  /// Agrees on features (virtio 1.2 §3.1.1, steps 4 to 6).
  func negotiate(_ features: UInt64) throws(DeviceError) {
    guard features & VirtioFeatures.version1 != 0 else {
      throw giveUp("the virtio device does not offer VIRTIO_F_VERSION_1")
    }
    accept(features)
    status = VirtioDeviceStatus.negotiated
    guard status & VirtioDeviceStatus.featuresOK != 0 else {
      throw giveUp("the virtio device refuses the features that it offers")
    }
  }

  /// Memory for a queue, and the queue's doorbell once the device uses it.
  /// - Parameter size: descriptors.
  func start(
    _ queue: UInt16, size: UInt16, _ memory: inout Region
  ) throws(DeviceError) -> (rings: VirtioQueueMemory, doorbell: VirtioQueueDoorbell) {
    guard let rings = VirtioQueueMemory(&memory, size: size) else { throw giveUp("no memory for the virtio driver") }
    return (rings, try start(queue, rings))
  }

  /// A queue's doorbell once the device uses it.
  func start(_ queue: UInt16, _ rings: VirtioQueueMemory) throws(DeviceError) -> VirtioQueueDoorbell {
    do throws(DeviceError) { return try startQueue(queue, rings) } catch { throw giveUp(error.reason) }
  }

  /// Lets the device begin (§3.1.1, step 8).
  func finish() throws(DeviceError) {
    status = VirtioDeviceStatus.negotiated | VirtioDeviceStatus.driverOK
    let state = status & (VirtioDeviceStatus.needsReset | VirtioDeviceStatus.driverOK)
    guard state == VirtioDeviceStatus.driverOK else { throw giveUp("the virtio device does not start") }
  }

  /// As many descriptors as are useful, if the device takes them; a power of two for split rings.
  func ringSize(_ queue: UInt16, useful: UInt16, isPacked: Bool) -> UInt16 {
    let size = min(queueMaximum(queue), useful)
    return isPacked || size == 0 ? size : 1 << (15 - UInt16(size.leadingZeroBitCount))
  }

  /// Tells the device that it is not going to be used. Returns the reason as an error.
  func giveUp(_ reason: StaticString) -> DeviceError {
    status = VirtioDeviceStatus.failed
    return DeviceError(reason: reason)
  }
}
