import CLinux
import Glibc
import SystemPackage

/// `/dev/vhost-net`: the kernel serves the two rings of a network interface and moves their frames to and from a TAP
/// (`linux/vhost.h`). It stops when the descriptor is closed.
public struct VhostNet: ~Copyable, Sendable {
  public static let path = "/dev/vhost-net"

  /// A ring as the kernel finds it: addresses in this process, and the eventfds of its doorbell and its interrupt.
  public struct Ring: Sendable {
    public var size: UInt16
    public var descriptors: UInt
    public var driver: UInt
    public var device: UInt
    public var kick: Int32
    public var call: Int32

    public init(size: UInt16, descriptors: UInt, driver: UInt, device: UInt, kick: Int32, call: Int32) {
      self.size = size
      self.descriptors = descriptors
      self.driver = driver
      self.device = device
      self.kick = kick
      self.call = call
    }
  }

  private let descriptor: Descriptor

  /// Opens the device and makes this process its owner.
  public init(path: String = VhostNet.path) throws(SystemError) {
    let opened = try Descriptor.open(path, O_RDWR) { errno in
      switch errno {
      case .noSuchFileOrDirectory, Errno(rawValue: ENODEV): "Load the module that provides it: modprobe vhost_net."
      case .permissionDenied, .notPermitted: "Grant access to it: sudo chmod 666 \(path), or run as root."
      default: nil
      }
    }
    guard nm_ioctl_value(opened.rawValue, nm_VHOST_SET_OWNER, 0) >= 0 else {
      throw SystemError("own \(path)", Errno(rawValue: nm_errno()))
    }
    descriptor = opened
  }

  private borrowing func check(_ operation: String, _ result: Int32) throws(SystemError) {
    guard result >= 0 else { throw SystemError(operation, Errno(rawValue: nm_errno())) }
  }

  /// Virtio feature bits that the kernel's data path knows.
  public borrowing func features() throws(SystemError) -> UInt64 {
    var features: UInt64 = 0
    try check(
      "ask vhost for its features", unsafe nm_ioctl_pointer(descriptor.rawValue, nm_VHOST_GET_FEATURES, &features))
    return features
  }

  /// Sets the bits that were negotiated, a subset of `features`.
  public borrowing func setFeatures(_ features: UInt64) throws(SystemError) {
    var features = features
    try check(
      "set vhost's features", unsafe nm_ioctl_pointer(descriptor.rawValue, nm_VHOST_SET_FEATURES, &features))
  }

  /// The argument of VHOST_SET_MEM_TABLE, in words: the number of regions, then guest-physical address, bytes, address in this
  /// process and flags of each (`struct vhost_memory`).
  public static func memoryTable(_ regions: [(guest: UInt64, host: UInt, count: UInt64)]) -> [UInt64] {
    [UInt64(regions.count)] + regions.flatMap { [$0.guest, $0.count, UInt64($0.host), 0] }
  }

  /// Says where the guest's RAM is.
  public borrowing func setMemory(_ regions: [(guest: UInt64, host: UInt, count: UInt64)]) throws(SystemError) {
    var table = Self.memoryTable(regions)
    try check(
      "tell vhost of the guest's memory", unsafe nm_ioctl_pointer(descriptor.rawValue, nm_VHOST_SET_MEM_TABLE, &table))
  }

  /// Serves a ring from its first entry.
  /// - Parameters:
  ///   - index: 0 receives, 1 transmits.
  ///   - ring: where it lies in this process, and its events.
  ///   - tap: a TAP whose frames have headers as long as the rings' ones.
  public borrowing func start(_ index: UInt32, _ ring: Ring, tap: Int32) throws(SystemError) {
    let fd = descriptor.rawValue
    var size = vhost_vring_state(index: index, num: UInt32(ring.size))
    try check("size a vhost ring", unsafe nm_ioctl_pointer(fd, nm_VHOST_SET_VRING_NUM, &size))
    var base = vhost_vring_state(index: index, num: 0)
    try check("rewind a vhost ring", unsafe nm_ioctl_pointer(fd, nm_VHOST_SET_VRING_BASE, &base))
    var address = vhost_vring_addr(
      index: index, flags: 0, desc_user_addr: UInt64(ring.descriptors), used_user_addr: UInt64(ring.device),
      avail_user_addr: UInt64(ring.driver), log_guest_addr: 0)
    try check("place a vhost ring", unsafe nm_ioctl_pointer(fd, nm_VHOST_SET_VRING_ADDR, &address))
    var kick = vhost_vring_file(index: index, fd: ring.kick)
    try check("give a vhost ring its doorbell", unsafe nm_ioctl_pointer(fd, nm_VHOST_SET_VRING_KICK, &kick))
    var call = vhost_vring_file(index: index, fd: ring.call)
    try check("give a vhost ring its interrupt", unsafe nm_ioctl_pointer(fd, nm_VHOST_SET_VRING_CALL, &call))
    var backend = vhost_vring_file(index: index, fd: tap)
    try check("put a TAP behind a vhost ring", unsafe nm_ioctl_pointer(fd, nm_VHOST_NET_SET_BACKEND, &backend))
  }

  /// Stops serving a ring; on return the kernel touches it no more.
  public borrowing func stop(_ index: UInt32) {
    var backend = vhost_vring_file(index: index, fd: -1)
    _ = unsafe nm_ioctl_pointer(descriptor.rawValue, nm_VHOST_NET_SET_BACKEND, &backend)
  }
}
