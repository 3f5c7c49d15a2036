/// What the frames of data of a stream look like.
enum NetShape: BitwiseCopyable {
  /// A frame of so many bytes, with one record that fills it.
  case plain(size: Int)
  /// A frame of so many records of a segment each, two or more.
  case large(records: Int)

  /// nil for frames that there are not.
  init?(size: UInt64, records: UInt64) {
    guard size >= UInt64(NetFrame.smallest), size <= UInt64(NetFrame.largestPlain), records >= 1,
      records <= UInt64(NetFrame.largestRecords)
    else { return nil }
    self = records > 1 ? .large(records: Int(records)) : .plain(size: Int(size))
  }

  /// Bytes of a frame.
  @inline(__always)
  var frameLength: Int {
    switch self {
    case .plain(let size): size
    case .large(let records): NetFrame.largeHeader + records * NetFrame.segment
    }
  }

  /// Bytes of each of its records; at most 1500.
  var recordLength: Int {
    switch self {
    case .plain(let size): size - NetFrame.ethernetHeader
    case .large: NetFrame.segment
    }
  }
}

/// What a workload asks of the far end: the body of a `start` record, eight words of which four are used. What cannot be is no
/// request: a reflector, for instance, sends plain frames, whatever a stream's data look like.
struct NetStart: BitwiseCopyable {
  /// What the far end does with a stream.
  enum Work: BitwiseCopyable {
    /// Takes data and acknowledges it.
    case sink
    /// Sends data, as far as it is granted.
    case source(NetShape)
    /// Both at once.
    case both(NetShape)
    /// Sends pings back, in plain frames of so many bytes.
    case reflector(size: Int)

    /// What of the work's frames carries its pattern; nil where none does.
    var shape: NetShape? {
      switch self {
      case .sink: nil
      case .source(let shape): shape
      case .both(let shape): shape
      case .reflector(let size): .plain(size: size)
      }
    }
  }

  var work: Work
  /// Records that come between two acknowledgements.
  var stride: UInt64

  /// The first word of a body.
  private enum Role {
    static var sink: UInt64 { 1 }
    static var source: UInt64 { 2 }
    static var both: UInt64 { 3 }
    static var reflector: UInt64 { 4 }
  }

  init(_ work: Work, stride: UInt64) {
    self.work = work
    self.stride = stride
  }

  /// Writes the body, 8 words.
  @unsafe func write(_ body: UnsafeMutableRawPointer) {
    let role =
      switch work {
      case .sink: Role.sink
      case .source: Role.source
      case .both: Role.both
      case .reflector: Role.reflector
      }
    var size = NetFrame.smallest
    var records = 1
    switch work.shape {
    case .plain(let length): size = length
    case .large(let count): records = count
    case nil: break
    }
    let words = (role, UInt64(size), UInt64(records), stride, UInt64(0), UInt64(0), UInt64(0), UInt64(0))
    unsafe body.storeBytes(of: words, as: type(of: words))
  }

  /// Reads a body of 8 words, which may change meanwhile; nil when it asks for what there is not.
  @unsafe init?(_ body: UnsafeRawPointer) {
    // Copied once: what is checked is what is used.
    let words = unsafe body.loadUnaligned(as: SIMD8<UInt64>.self)
    let (role, size, records, stride) = (words[0], words[1], words[2], words[3])
    guard stride >= 1, let shape = NetShape(size: size, records: records) else { return nil }
    self.stride = stride
    switch (role, shape) {
    case (Role.sink, .plain): work = .sink
    case (Role.source, _): work = .source(shape)
    case (Role.both, _): work = .both(shape)
    case (Role.reflector, .plain(let size)): work = .reflector(size: size)
    default: return nil
    }
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
