import GuestMemory
import ProbeABI

/// A port by which the guest hands over a piece of its memory at once.
public final class OutboxPort: BusDevice {
  private let memory: GuestMemory
  private let take: ([UInt8]) -> Void

  /// - Parameters:
  ///   - memory: what parcels are taken from.
  ///   - take: takes the bytes of every parcel that is all RAM and not too long; called on the vCPU's thread.
  public init(memory: GuestMemory, take: @escaping ([UInt8]) -> Void) {
    self.memory = memory
    self.take = take
  }

  public func read(_ offset: UInt64, width: AccessWidth) -> UInt64 { UInt64(NM_OUTBOX_VALUE) }

  public func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    // A guest that names what is not there has sent nothing: whoever waits for its records says what is missing.
    if let bytes = try? parcel(at: GuestAddress(value)) { take(bytes) }
  }

  /// Copies a parcel out, each of its fields once.
  private func parcel(at place: GuestAddress) throws(GuestMemoryError) -> [UInt8] {
    guard let second = place.advanced(by: UInt64(MemoryLayout<UInt64>.size)) else { throw GuestMemoryError(place, 16) }
    let start = GuestAddress(try memory.load(place, as: UInt64.self))
    let length = try memory.load(second, as: UInt64.self)
    guard length <= UInt64(NM_PARCEL_LIMIT), let bytes = unsafe memory.host(start, count: length) else {
      throw GuestMemoryError(start, length)
    }
    return unsafe Array(bytes)
  }
}
