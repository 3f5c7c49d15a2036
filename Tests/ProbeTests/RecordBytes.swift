import ProbeABI

/// Records as the probe sends them, put together by a second implementation.
enum RecordBytes {
  static func record(_ type: nm_record_type, job: UInt32 = 0, _ payload: [UInt8]) -> [UInt8] {
    let head =
      words(NM_RECORD_MAGIC) + halves(UInt16(NM_ABI_VERSION), UInt16(type.rawValue)) + words(job, UInt32(payload.count))
    return head + words(crc(head + words(0, 0) + payload), 0) + payload
  }

  static func hello(jobs: UInt32) -> [UInt8] { record(NM_RECORD_HELLO, quads(1, 2, 3) + words(1, jobs)) }

  static func result(
    job: UInt32, status: UInt32 = 0, reason: String = "", histogram: [UInt8] = [], reasonLength: UInt32? = nil,
    histogramLength: UInt32? = nil, turns: [UInt64] = [], turnCount: UInt32? = nil
  ) -> [UInt8] {
    let lengths = words(
      status, reasonLength ?? UInt32(reason.utf8.count), histogramLength ?? UInt32(histogram.count), 1,
      turnCount ?? UInt32(turns.count / 5), 0)
    return record(
      NM_RECORD_RESULT, job: job,
      lengths + quads(10, 20, 30, 40, 50, 60, 1, 2, 3, 4) + Array(reason.utf8) + histogram + turns.flatMap { quads($0) }
    )
  }

  /// IEEE 802.3, bit by bit.
  static func crc(_ bytes: [UInt8]) -> UInt32 {
    var value = UInt32.max
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
    }
    return ~value
  }

  static func halves(_ values: UInt16...) -> [UInt8] { values.flatMap(little) }
  static func words(_ values: UInt32...) -> [UInt8] { values.flatMap(little) }
  static func quads(_ values: UInt64...) -> [UInt8] { values.flatMap(little) }

  private static func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T(8 * $0)) }
  }
}
