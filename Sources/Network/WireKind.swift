/// Which wire frames cross.
public enum WireKind: String, Sendable, CaseIterable {
  /// Memory of this process; no kernel. What is left is the path through the device.
  case inprocess
  /// A TAP interface in a network namespace of its own; behind the kernel's interface, a packet socket.
  case tap
  /// A pair of virtual Ethernet interfaces in a namespace of its own, a packet socket on each.
  case packet
}
