import Devices
import LinuxSystem
import Network
import Results
import VirtualMachine

/// What a session's network interface is attached to.
struct SessionNet {
  let configuration: NetConfiguration
  /// A wire whose near end the host's kernel serves: the far end lives as long as this.
  let wire: TAPWire?
}

extension Session {
  /// Why this session's way to a network interface cannot be had on this host or in this build; nil where it can.
  var netObstacle: String? {
    guard let entry = net else { return nil }
    switch (path.machine, path.mode) {
    case (.nearmetal, .vhost):
      return isUsable("/dev/vhost-net")
        ? nil : "this host has no /dev/vhost-net that this process may use; load its module: sudo modprobe vhost_net"
    case (.qemu, _):
      return entry.wire == .tap
        ? nil
        : "QEMU is another process: the wire that it shares with the other legs is the TAP, not \(entry.wire.rawValue)"
    default: return nil
    }
  }

  /// Makes the wire of a guest of our own monitor and says how the guest reaches it; nil where there is none.
  /// - Parameter ioCPU: of a far end with a thread of its own.
  /// - Throws: `SystemError` where this process may not have the wire, saying which capability it lacks.
  func makeNet(ioCPU: Int?) throws(SystemError) -> SessionNet? {
    guard let entry = net else { return nil }
    if path.mode == .vhost {
      let wire = try TAPWire(cpu: ioCPU)
      return SessionNet(configuration: NetConfiguration(vhost: wire.descriptor), wire: wire)
    }
    let service: ServiceMode = path.mode == .polled ? .polled() : .notified
    let attachment: NetConfiguration.Attachment
    switch path.mode {
    case .emulated: attachment = .e1000
    default: attachment = entry.parameters["transport"] == "pci" ? .virtioPCI(service) : .virtioMMIO(service)
    }
    return SessionNet(configuration: NetConfiguration(try Wire.link(entry.wire), attachment: attachment), wire: nil)
  }
}
