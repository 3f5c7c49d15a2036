import CLinux
import Glibc
import SystemPackage

/// Pairs of virtual Ethernet interfaces (veth(4)): what one sends, the other receives. They go with their namespace.
public enum VirtualEthernet {
  /// Frames that wait in an interface before more are dropped: the kernel's own default.
  public static let queueLength: Int32 = 1000

  /// Makes a pair by rtnetlink(7), the first in the calling thread's namespace. What is in that is up then.
  /// - Parameters:
  ///   - first: its name, up to 15 bytes.
  ///   - second: its name.
  ///   - namespace: that the second is in; nil for the calling thread's.
  public static func makePair(
    _ first: String, _ second: String, secondIn namespace: Int32? = nil
  ) throws(SystemError) {
    let fd = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue) | O_CLOEXEC, NETLINK_ROUTE)
    guard fd >= 0 else { throw SystemError("open a routing socket", Errno(rawValue: nm_errno())) }
    let descriptor = Descriptor(owning: fd)
    let request = message(first, second, namespace)
    let count = unsafe request.withUnsafeBytes { unsafe send(descriptor.rawValue, $0.baseAddress, $0.count, 0) }
    guard count == request.count else { throw failure(nm_errno()) }
    var answer = [UInt8](repeating: 0, count: 4096)
    let received = unsafe answer.withUnsafeMutableBytes {
      unsafe recv(descriptor.rawValue, $0.baseAddress, $0.count, 0)
    }
    // nlmsghdr is followed by nlmsgerr, whose first field is the negated errno; 0 acknowledges.
    guard received >= 20 else { throw failure(received < 0 ? nm_errno() : EPROTO) }
    let code = unsafe answer.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: 16, as: Int32.self) }
    guard code == 0 else { throw failure(-code) }
    for name in namespace == nil ? [first, second] : [first] {
      try NetworkInterface.start(name, queueLength: queueLength)
    }
  }

  private static func failure(_ code: Int32) -> SystemError {
    var advice: String?
    if code == EPERM { advice = "It takes CAP_NET_ADMIN: run as root." }
    if code == EOPNOTSUPP { advice = "Load the module that provides them: modprobe veth." }
    return SystemError("make a pair of virtual Ethernet interfaces", Errno(rawValue: code), advice: advice)
  }

  /// RTM_NEWLINK with the kind and the peer's name nested in it, as `linux/veth.h` wants it.
  private static func message(_ first: String, _ second: String, _ namespace: Int32?) -> [UInt8] {
    var peer = [UInt8](repeating: 0, count: MemoryLayout<ifinfomsg>.size)
    peer += attribute(UInt16(IFLA_IFNAME), Array(second.utf8) + [0])
    if let namespace { peer += attribute(UInt16(IFLA_NET_NS_FD), bytes(namespace)) }
    let information =
      attribute(UInt16(IFLA_INFO_KIND), Array("veth".utf8))
      + attribute(UInt16(IFLA_INFO_DATA), attribute(UInt16(NM_VETH_INFO_PEER), peer))
    var body = [UInt8](repeating: 0, count: MemoryLayout<ifinfomsg>.size)
    body += attribute(UInt16(IFLA_IFNAME), Array(first.utf8) + [0])
    body += attribute(UInt16(IFLA_LINKINFO), information)
    let flags = UInt16(NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK)
    return bytes(UInt32(16 + body.count)) + bytes(UInt16(RTM_NEWLINK)) + bytes(flags) + bytes(UInt32(1))
      + bytes(UInt32(0)) + body
  }

  /// One attribute, padded to a multiple of four bytes.
  private static func attribute(_ type: UInt16, _ payload: [UInt8]) -> [UInt8] {
    let padding = [UInt8](repeating: 0, count: (4 - payload.count % 4) % 4)
    return bytes(UInt16(4 + payload.count)) + bytes(type) + payload + padding
  }

  private static func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
  }
}
