/// The I/O path of a leg.
public enum Mode: String, Codable, Sendable, CaseIterable {
  /// The host's own path; the only mode of the native machine.
  case native
  /// Chipset devices: every register access traps.
  case emulated
  /// virtio with notifications.
  case paravirtual
  /// virtio with both sides polling: no exit and no interrupt on the data path.
  case polled
  /// virtio whose data path is in the host kernel.
  case vhost
  /// virtio whose data path is in another process, by the vhost-user protocol.
  case vhostUser = "vhost-user"
  /// A workload without a device (cpu, memory, exits, boot) on a guest machine.
  case guest
}
