/// What a workload asks of the far end: the body of a `start` record.
struct NetStart: BitwiseCopyable {
  /// What the far end does with a stream.
  enum Role: UInt64, BitwiseCopyable {
    /// Takes data and acknowledges it.
    case sink = 1
    /// Sends data, as far as it is granted.
    case source
    /// Both at once.
    case both
    /// Sends pings back.
    case reflector
  }

  var role: Role
  /// Bytes of the plain frames that it sends.
  var size: UInt64
  /// Records in a frame that it sends; 1 for plain frames, more for large ones.
  var records: UInt64
  /// Records that come between two acknowledgements.
  var stride: UInt64

  /// Writes the body, 8 words.
  @unsafe func write(_ body: UnsafeMutableRawPointer) {
    let words = (role.rawValue, size, records, stride, UInt64(0), UInt64(0), UInt64(0), UInt64(0))
    unsafe body.storeBytes(of: words, as: type(of: words))
  }

  /// Reads a body of 8 words; nil when it asks for what there is not.
  @unsafe init?(_ body: UnsafeRawPointer) {
    func word(_ index: Int) -> UInt64 { unsafe body.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self) }
    guard let role = Role(rawValue: word(0)) else { return nil }
    self.role = role
    size = word(1)
    records = word(2)
    stride = word(3)
    guard size >= UInt64(NetFrame.smallest), size <= UInt64(NetFrame.largestPlain), records >= 1,
      records <= UInt64(NetFrame.largestRecords), stride >= 1
    else { return nil }
  }

  init(role: Role, size: UInt64, records: UInt64, stride: UInt64) {
    self.role = role
    self.size = size
    self.records = records
    self.stride = stride
  }
}

/// What the far end knows of a stream: the body of a `report` record.
struct NetReport: BitwiseCopyable {
  /// One more than the highest number that came.
  var next: UInt64 = 0
  var received: UInt64 = 0
  var duplicated: UInt64 = 0
  var reordered: UInt64 = 0
  /// Frames of this protocol with a wrong byte, of whatever stream.
  var corrupted: UInt64 = 0
  /// Records that it sent.
  var sent: UInt64 = 0

  /// Words of a control record's body.
  static var words: Int { 8 }

  init() {}

  @unsafe init(_ body: UnsafeRawPointer) {
    func word(_ index: Int) -> UInt64 { unsafe body.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self) }
    (next, received, duplicated) = (word(0), word(1), word(2))
    (reordered, corrupted, sent) = (word(3), word(4), word(5))
  }

  @unsafe func write(_ body: UnsafeMutableRawPointer) {
    let words = (next, received, duplicated, reordered, corrupted, sent, UInt64(0), UInt64(0))
    unsafe body.storeBytes(of: words, as: type(of: words))
  }
}
