import ProbeABI

/// The head of every record of the net workloads, 32 bytes, little-endian: what it is and whose, its number, the checksum of
/// the whole record, and a word that depends on the kind.
struct NetRecord: BitwiseCopyable {
  /// What a record is. Those of a stream count its numbers up from 0; the others carry none.
  /// (The raw type keeps the compiler from emitting a hash function, whose seed would need a source of random numbers.)
  enum Kind: UInt8, BitwiseCopyable {
    /// To the far end: begin a stream. A control frame with a `NetStart`.
    case start = 1
    /// From the far end: it has begun.
    case ready
    /// Either way: a record of the stream.
    case data
    /// From the far end: `word` is the number after the highest one that came.
    case acknowledgement
    /// To the far end: it may send the records below number `word`.
    case grant
    /// To the far end: report; with `word` not 0, and send no more data.
    case poll
    /// From the far end: a control frame with a `NetReport`.
    case report
    /// To the far end: send this back.
    case ping
    /// From the far end: a ping's number and word.
    case echo
  }

  var kind: Kind
  /// The stream's name: 24 bits.
  var stream: UInt32
  var number: UInt64
  var word: UInt64

  /// Bytes of the head.
  static var header: Int { 32 }
  /// Bytes of the shortest record: a frame of 60 bytes has room for it.
  static var shortest: Int { header + 8 }
  private static var magic: UInt64 { 0x3146_4d4e }

  private var first: UInt64 { NetRecord.magic | UInt64(kind.rawValue) &<< 32 | UInt64(stream) &<< 40 }

  /// Reads and checks a record of at least `shortest` bytes; nil when a byte of it is wrong.
  @unsafe @inline(__always)
  static func read(_ record: UnsafeRawPointer, count: Int) -> NetRecord? {
    let first = unsafe record.loadUnaligned(as: UInt64.self)
    let number = unsafe record.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    let checksum = unsafe record.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    let word = unsafe record.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
    guard first & 0xffff_ffff == magic, let kind = Kind(rawValue: UInt8(truncatingIfNeeded: first &>> 32)) else {
      return nil
    }
    let sum = unsafe NetSum(record + header, count: count &- header)
    guard sum.checksum(first, number, word) == checksum else { return nil }
    return NetRecord(kind: kind, stream: UInt32(truncatingIfNeeded: first &>> 40), number: number, word: word)
  }

  /// Writes the head of a record whose other bytes have the given sum.
  @unsafe @inline(__always)
  func write(_ record: UnsafeMutableRawPointer, _ rest: NetSum) {
    let first = first
    unsafe record.storeBytes(of: first, as: UInt64.self)
    unsafe record.storeBytes(of: number, toByteOffset: 8, as: UInt64.self)
    unsafe record.storeBytes(of: rest.checksum(first, number, word), toByteOffset: 16, as: UInt64.self)
    unsafe record.storeBytes(of: word, toByteOffset: 24, as: UInt64.self)
  }
}
