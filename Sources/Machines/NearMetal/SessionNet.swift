import Definitions
import Devices
import LinuxSystem
import Network
import Results
import VirtualMachine

/// What a guest's network interface is attached to.
struct SessionNet {
  let configuration: NetConfiguration
  /// A wire whose near end the host's kernel serves: the far end lives as long as this.
  let wire: TAPWire?

  /// Makes the wire of a guest of our own monitor, and says how the guest reaches it.
  /// - Parameter ioCPU: of a far end with a thread of its own.
  /// - Throws: `SystemError` where this process may not have the wire, saying which capability it lacks.
  init(_ net: NetSpecification, _ mode: Mode, ioCPU: Int?) throws(SystemError) {
    if mode == .vhost {
      let wire = try TAPWire(cpu: ioCPU)
      configuration = NetConfiguration(vhost: wire.descriptor)
      self.wire = wire
      return
    }
    let service: ServiceMode = mode == .polled ? .polled() : .notified
    let attachment: NetConfiguration.Attachment =
      mode == .emulated ? .e1000 : net.virtio.isPCI ? .virtioPCI(service) : .virtioMMIO(service)
    configuration = NetConfiguration(try Wire.link(net.wire.kind), attachment: attachment)
    wire = nil
  }

  /// The interface of an operating system, on a TAP interface that somebody else keeps.
  static func configuration(tap: Int32, _ mode: Mode) throws(SystemError) -> NetConfiguration {
    NetConfiguration(try Wire.link(tap: tap), attachment: mode == .emulated ? .e1000 : .virtioPCI(.notified))
  }
}

extension NetSpecification.Wire {
  /// The wire that a suite's word means.
  var kind: WireKind {
    switch self {
    case .inprocess: .inprocess
    case .tap: .tap
    case .packet: .packet
    }
  }
}
