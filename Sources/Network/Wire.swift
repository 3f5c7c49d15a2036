import Frames
import LinuxSystem

/// Makes wires. Each one that needs the kernel gets a network namespace of its own, without a name, which goes with the wire and
/// also with the process, however it ends.
public enum Wire {
  /// A wire for a device model in this process, the far end included.
  /// - Throws: `SystemError` where this process may not, saying which capability it lacks.
  public static func link(_ kind: WireKind) throws(SystemError) -> any FrameLink {
    switch kind {
    case .inprocess: return try InProcessLink()
    case .tap:
      let parts = try tap()
      return try KernelLink(near: parts.near.duplicate(), isTAP: true, far: FarSocket(parts.far.duplicate()))
    case .packet:
      let parts = try packet()
      return try KernelLink(near: parts.near.duplicate(), isTAP: false, far: FarSocket(parts.far.duplicate()))
    }
  }

  /// A wire to the host's own network, through a TAP interface that is there.
  /// - Parameter name: of the interface, in this process's network namespace.
  /// - Throws: `SystemError` where there is none of that name, or this process may not use it.
  public static func link(tap name: String) throws(SystemError) -> any FrameLink {
    try KernelLink(near: TAPInterface(existing: name).descriptor.duplicate(), isTAP: true, far: nil)
  }

  /// A wire through a TAP interface that somebody else keeps, with whatever the host has behind it.
  /// - Parameter descriptor: of the interface; it is duplicated.
  public static func link(tap descriptor: Int32) throws(SystemError) -> any FrameLink {
    try KernelLink(near: Descriptor.duplicate(descriptor), isTAP: true, far: nil)
  }

  /// The descriptors of a wire through the kernel. A class, because a thread in the namespace makes it for another.
  final class Parts: Sendable {
    let near: Descriptor
    let far: Descriptor

    init(near: consuming Descriptor, far: consuming Descriptor) {
      self.near = near
      self.far = far
    }
  }

  /// A TAP interface's descriptor, and a packet socket on the interface.
  static func tap() throws(SystemError) -> Parts {
    try NetworkNamespace.make { () throws(SystemError) in
      let interface = try TAPInterface()
      let far = try PacketSocket.open(interface: interface.name)
      return Parts(near: try interface.descriptor.duplicate(), far: far)
    }
  }

  /// Packet sockets on both interfaces of a pair.
  static func packet() throws(SystemError) -> Parts {
    try NetworkNamespace.make { () throws(SystemError) in
      try VirtualEthernet.makePair("near", "far")
      let near = try PacketSocket.open(interface: "near")
      return Parts(near: near, far: try PacketSocket.open(interface: "far"))
    }
  }
}

/// Which wire frames cross.
public enum WireKind: String, Sendable, CaseIterable {
  /// Memory of this process; no kernel. What is left is the path through the device.
  case inprocess
  /// A TAP interface in a network namespace of its own; behind the kernel's interface, a packet socket.
  case tap
  /// A pair of virtual Ethernet interfaces in a namespace of its own, a packet socket on each.
  case packet
}
