import GuestMemory

/// Where a driver put a virtqueue, and how the two sides use it (virtio 1.2 §2.6).
public struct VirtqueueLayout: Hashable, Sendable {
  /// Elements: a power of two in a split ring; 1 to 32768.
  public var size: UInt16
  /// The descriptor area: descriptor table, or packed descriptor ring.
  public var descriptorArea: GuestAddress
  /// The driver area: available ring, or driver event suppression.
  public var driverArea: GuestAddress
  /// The device area: used ring, or device event suppression.
  public var deviceArea: GuestAddress

  public init(size: UInt16, descriptorArea: GuestAddress, driverArea: GuestAddress, deviceArea: GuestAddress) {
    self.size = size
    self.descriptorArea = descriptorArea
    self.driverArea = driverArea
    self.deviceArea = deviceArea
  }
}

extension GuestWindow {
  /// The host address of a virtqueue area.
  func area(
    _ name: String, _ address: GuestAddress, count: Int, alignment: UInt64
  ) throws(VirtqueueFailure) -> UnsafeMutableRawPointer {
    guard address.rawValue & (alignment - 1) == 0, let host = unsafe host(address.rawValue, UInt64(count)) else {
      throw .area(name, address)
    }
    return unsafe host
  }
}
