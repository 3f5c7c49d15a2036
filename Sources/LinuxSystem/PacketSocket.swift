import CLinux
import Glibc
import SystemPackage

/// A raw packet socket on one interface (packet(7)): takes every frame that arrives there and sends frames as they are, each
/// preceded by a `virtio_net_hdr`, past the queueing disciplines. Neither sending nor receiving blocks.
public enum PacketSocket {
  /// Bytes that may wait in either direction: a few hundred frames of 64 KiB.
  private static var bufferSize: Int32 { 32 << 20 }

  /// Opens a socket on an interface of the calling thread's namespace.
  public static func open(interface: String) throws(SystemError) -> Descriptor {
    let needsRoot = { (errno: Errno) in errno == .notPermitted ? "It takes CAP_NET_RAW: run as root." : nil }
    let fd = try systemCall("open a packet socket", advice: needsRoot) {
      socket(AF_PACKET, Int32(SOCK_RAW.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
    }
    let descriptor = Descriptor(owning: fd)
    try set(fd, SOL_PACKET, PACKET_VNET_HDR, 1, "PACKET_VNET_HDR")
    try set(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "PACKET_IGNORE_OUTGOING")
    try set(fd, SOL_PACKET, PACKET_QDISC_BYPASS, 1, "PACKET_QDISC_BYPASS")
    try set(fd, SOL_SOCKET, SO_RCVBUFFORCE, bufferSize, "SO_RCVBUFFORCE")
    try set(fd, SOL_SOCKET, SO_SNDBUFFORCE, bufferSize, "SO_SNDBUFFORCE")
    var address = sockaddr_ll()
    address.sll_family = UInt16(AF_PACKET)
    address.sll_protocol = UInt16(NM_ETH_P_ALL).bigEndian
    address.sll_ifindex = Int32(unsafe nm_interface_index(interface))
    let length = socklen_t(MemoryLayout<sockaddr_ll>.size)
    try systemCall("bind a packet socket to \(interface)") {
      unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(fd, $0, length) }
      }
    }
    return descriptor
  }

  private static func set(
    _ fd: Int32, _ level: Int32, _ option: Int32, _ value: Int32, _ name: String
  ) throws(SystemError) {
    var value = value
    let size = socklen_t(MemoryLayout<Int32>.size)
    try systemCall("set \(name) of a packet socket") { unsafe setsockopt(fd, level, option, &value, size) }
  }
}
