import ProbeABI

/// How a virtio device is set up (virtio 1.2 §4): registers that are only touched before the first request.
protocol VirtioBlockTransport {
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
  /// Most descriptors of queue 0; 0 where there is no such queue.
  var queueMaximum: UInt16 { get }
  /// Gives queue 0 its memory and its interrupt and lets the device use it. Returns its doorbell.
  func startQueue(_ memory: VirtioQueueMemory) throws(BlockDeviceError) -> VirtioBlockDoorbell
  /// Where to acknowledge an interrupt whose line stays raised until then; 0 where interrupts are messages.
  var acknowledge: UInt64 { get }
}

/// The register whose write tells the device to look at queue 0.
struct VirtioBlockDoorbell {
  let address: UInt64
  /// Whether the register has 16 bits; else 32.
  let isShort: Bool
}

extension VirtioBlockTransport {
  /// Resets the device and tells it that there is a driver (virtio 1.2 §3.1.1, steps 1 to 3). Returns the features
  /// that it offers. A device that does not end its reset within a second is given up.
  func begin(tscKilohertz: UInt64) throws(BlockDeviceError) -> UInt64 {
    status = 0
    let deadline = nm_tsc() &+ 1000 &* tscKilohertz
    while status != 0 {
      if nm_tsc() > deadline { throw BlockDeviceError(reason: "the virtio device does not end its reset") }
    }
    status = VirtioBlockStatus.acknowledge
    status = VirtioBlockStatus.acknowledge | VirtioBlockStatus.driver
    return offered
  }

  /// Tells the device that it is not going to be used. Returns the reason as an error.
  func giveUp(_ reason: StaticString) -> BlockDeviceError {
    status = VirtioBlockStatus.failed
    return BlockDeviceError(reason: reason)
  }
}
