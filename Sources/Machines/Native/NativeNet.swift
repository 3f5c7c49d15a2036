import LinuxSystem
import Network
import ProbeABI

/// A wire's end as the native leg's network device. The workload's thread alone uses it.
@safe final class NativeNet: @unchecked Sendable {
  // @unchecked: handed to the workload's thread, which alone calls the device.

  private let rings: RingWire?
  private let link: LinkDevice?
  /// For `nm_environment.net`.
  let device: UnsafeMutablePointer<nm_net_device>
  /// The kernel thread of a far end that has one of its own.
  let farThread: Int32?

  /// - Parameter ioCPU: of a far end with a thread of its own.
  /// - Throws: `SystemError` where this process may not have the wire, saying which capability it lacks.
  init(_ wire: WireKind, ioCPU: Int?) throws(SystemError) {
    switch wire {
    case .inprocess:
      let rings = try RingWire(cpu: ioCPU)
      (self.rings, link, farThread) = (rings, nil, rings.farThread)
      unsafe device = unsafe rings.device
    case .tap, .packet:
      let link = try LinkDevice(Wire.link(wire))
      (rings, self.link, farThread) = (nil, link, nil)
      unsafe device = unsafe link.device
    }
  }

  /// Keeps a far end that would look without a break asleep while another leg has its turn.
  func park(_ isParked: Bool) { rings?.park(isParked) }
}
