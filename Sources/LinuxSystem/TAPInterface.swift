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
    let descriptor = try Self.open()
    let name = try Self.attach(descriptor.rawValue, "nm%d")
    try NetworkInterface.start(name, queueLength: Self.queueLength)
    self.init(descriptor: descriptor, name: name)
  }

  /// Takes an interface that is there, and is nobody else's now. Whether it is up is left to whoever made it. Reads do not block.
  public init(existing name: String) throws(SystemError) {
    guard name.utf8.count < 16, !name.contains("%"), unsafe nm_interface_index(name) != 0 else {
      throw SystemError(
        "use the TAP interface \(name)", .noSuchFileOrDirectory,
        advice: "Make it: sudo ip tuntap add \(name) mode tap user $USER && sudo ip link set \(name) up.")
    }
    let descriptor = try Self.open()
    let name = try Self.attach(descriptor.rawValue, name)
    self.init(descriptor: descriptor, name: name)
  }

  private static func open() throws(SystemError) -> Descriptor {
    let path = "/dev/net/tun"
    return try Descriptor.open(path, O_RDWR | O_NONBLOCK) { errno in
      switch errno {
      case .noSuchFileOrDirectory, Errno(rawValue: ENODEV): "Load the module that provides it: modprobe tun."
      case .permissionDenied, .notPermitted: "Grant access to it: sudo chmod 666 \(path), or run as root."
      default: nil
      }
    }
  }

  private init(descriptor: consuming Descriptor, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// - Parameter wanted: at most 15 bytes; `%d` stands for a number that is free.
  private static func attach(_ descriptor: Int32, _ wanted: String) throws(SystemError) -> String {
    var name = [CChar](repeating: 0, count: 16)
    for (index, byte) in wanted.utf8.enumerated() { name[index] = CChar(bitPattern: byte) }
    let code = unsafe name.withUnsafeMutableBufferPointer { unsafe nm_tap_attach(descriptor, $0.baseAddress!) }
    guard code == 0 else {
      throw SystemError(
        wanted.contains("%") ? "make a TAP interface" : "use the TAP interface \(wanted)", Errno(rawValue: code),
        advice: advice(code))
    }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func advice(_ code: Int32) -> String? {
    switch code {
    case EPERM: "It takes CAP_NET_ADMIN, or an interface that was made for this user: run as root."
    case EBUSY: "Another program has it."
    case EINVAL: "It is no TAP interface."
    default: nil
    }
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
