import Devices

/// A device that notes what reaches it and answers reads with all bits set.
final class RecordingDevice: BusDevice {
  struct Write: Equatable {
    let offset: UInt64
    let width: AccessWidth
    let value: UInt64
  }
  private(set) var writes: [Write] = []
  private(set) var reads: [UInt64] = []

  func read(_ offset: UInt64, width: AccessWidth) -> UInt64 {
    reads.append(offset)
    return .max
  }

  func write(_ offset: UInt64, width: AccessWidth, value: UInt64) {
    writes.append(Write(offset: offset, width: width, value: value))
  }
}
