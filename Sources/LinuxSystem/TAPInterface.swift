import CLinux
import Glibc
import SystemPackage

/// A TAP interface: what is written to its descriptor arrives at the kernel as if by a cable, and what the kernel sends is read
/// from it. Each frame is preceded by a `virtio_net_hdr` (`linux/virtio_net.h`). It goes when the descriptor is closed.
public struct TAPInterface: ~Copyable, Sendable {
  public let descriptor: Descriptor
  /// Its name in the namespace that it was made in.
  public let name: String

  /// Frames that wait for a reader before more are dropped.
  public static let queueLength: Int32 = 2048

  /// Makes an interface in the calling thread's namespace and has it up. Reads do not block.
  public init() throws(SystemError) {
    let path = "/dev/net/tun"
    let descriptor = try Descriptor.open(path, O_RDWR | O_NONBLOCK) { errno in
      switch errno {
      case .noSuchFileOrDirectory, Errno(rawValue: ENODEV): "Load the module that provides it: modprobe tun."
      case .permissionDenied, .notPermitted: "Grant access to it: sudo chmod 666 \(path), or run as root."
      default: nil
      }
    }
    let name = try Self.attach(descriptor.rawValue)
    self.init(descriptor: descriptor, name: name)
  }

  private init(descriptor: consuming Descriptor, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  private static func attach(_ descriptor: Int32) throws(SystemError) -> String {
    var name = [CChar](repeating: 0, count: 16)
    for (index, byte) in "nm%d".utf8.enumerated() { name[index] = CChar(byte) }
    let code = unsafe name.withUnsafeMutableBufferPointer { unsafe nm_tap_attach(descriptor, $0.baseAddress!) }
    guard code == 0 else {
      throw SystemError(
        "make a TAP interface", Errno(rawValue: code),
        advice: code == EPERM ? "It takes CAP_NET_ADMIN: run as root." : nil)
    }
    let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let started = unsafe nm_interface_start(text, queueLength)
    guard started == 0 else { throw SystemError("have the interface \(text) up", Errno(rawValue: started)) }
    return text
  }

  /// Sets the bytes of the header before each frame: 10, or 12 with the number of receive buffers.
  public static func setHeaderSize(_ descriptor: Int32, _ bytes: Int) throws(SystemError) {
    let code = nm_tap_header_size(descriptor, Int32(bytes))
    guard code == 0 else { throw SystemError("set the header size of a TAP interface", Errno(rawValue: code)) }
  }

  /// Says what the reader takes: unfinished checksums, and TCP segments over IPv4 of up to 64 KiB.
  public static func accept(_ descriptor: Int32, checksums: Bool, segments: Bool) throws(SystemError) {
    let code = nm_tap_accept(descriptor, checksums ? 1 : 0, segments ? 1 : 0)
    guard code == 0 else { throw SystemError("set the offloads of a TAP interface", Errno(rawValue: code)) }
  }
}
