import Frames

@testable import Kernels

/// Frames that a driver may send to the far end, well-formed in every byte that it checks.
enum FarEndFrame {
  /// The first word of a stream's `start`: what the far end is to do.
  enum Role {
    static let sink: UInt64 = 1
    static let source: UInt64 = 2
    static let both: UInt64 = 3
    static let reflector: UInt64 = 4
  }

  /// Asks the far end to begin a stream.
  /// - Parameter words: role, size, records and stride, whatever they are.
  static func start(_ words: [UInt64], stream: UInt32) -> [UInt8] {
    record(.start, stream: stream, body: words + [0, 0, 0, 0])
  }

  static func ping(stream: UInt32, number: UInt64 = 0, word: UInt64 = 0) -> [UInt8] {
    record(.ping, stream: stream, number: number, word: word, body: [])
  }

  /// A frame of one record of any kind.
  static func record(
    _ kind: NetRecord.Kind, stream: UInt32, number: UInt64 = 0, word: UInt64 = 0, body: [UInt64]
  ) -> [UInt8] {
    var frame = [UInt8](repeating: 0, count: body.isEmpty ? NetFrame.smallest : NetFrame.control)
    unsafe frame.withUnsafeMutableBytes { bytes in
      unsafe NetFrame.writeHeader(bytes.baseAddress!, to: NetFrame.farAddress, from: 0x0100_004d_4e02)
      let place = unsafe bytes.baseAddress! + NetFrame.ethernetHeader
      for (index, value) in body.enumerated() {
        unsafe place.storeBytes(of: value, toByteOffset: NetRecord.header + 8 * index, as: UInt64.self)
      }
      let rest = bytes.count - NetFrame.ethernetHeader - NetRecord.header
      unsafe NetRecord(kind: kind, stream: stream, number: number, word: word)
        .write(place, NetSum(place + NetRecord.header, count: rest))
    }
    return frame
  }

  /// The kind of a received frame's first record; nil where it is no sound frame of the far end.
  static func kind(_ frame: [UInt8]) -> NetRecord.Kind? {
    unsafe frame.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, let records = unsafe NetFrame.records(base, count: bytes.count) else {
        return nil
      }
      return unsafe NetRecord.read(base + records.start, count: records.length)?.kind
    }
  }
}
