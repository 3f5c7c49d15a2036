import GuestMemory

/// What a driver did to a virtqueue that no device can go on from. The device then needs a reset (virtio 1.2 §2.1.2).
public enum VirtqueueFailure: Error, Hashable, Sendable, CustomStringConvertible {
  case size(UInt16)
  case area(String, GuestAddress)
  case availableIndexJump(from: UInt16, to: UInt16)
  case descriptorIndex(UInt16)
  case chainTooLong
  case indirectTable(length: UInt32)
  case indirectNotAllowed
  case readableAfterWritable
  case buffer(GuestAddress, UInt32)
  case requestShape
  case receiveBuffer

  public var description: String {
    switch self {
    case .size(let size): "a virtqueue of \(size) elements is not possible"
    case .area(let name, let address): "the \(name) area at \(address) is misaligned or not RAM"
    case .availableIndexJump(let from, let to): "the available index jumped from \(from) to \(to)"
    case .descriptorIndex(let index): "descriptor \(index) does not exist"
    case .chainTooLong: "a descriptor chain loops or is longer than its queue"
    case .indirectTable(let length): "an indirect table of \(length) bytes is not possible"
    case .indirectNotAllowed: "an indirect descriptor stands where none is allowed"
    case .readableAfterWritable: "a readable buffer follows a writable one"
    case .buffer(let address, let count): "a buffer of \(count) bytes at \(address) is not RAM"
    case .requestShape: "a request lacks its header or its status byte"
    case .receiveBuffer: "a receive buffer has no byte to write"
    }
  }
}
