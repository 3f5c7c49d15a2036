/// A message of the vhost-user protocol ("Vhost-user Protocol" of QEMU's documentation, interop/vhost-user): a head of three words, which
/// are the request, flags and the payload's bytes, and the payload, all in the order of the host's bytes.
struct VhostUserMessage: Hashable, Sendable {
  /// What the two ends may do beside what every version does.
  struct ProtocolFeatures: OptionSet, Hashable, Sendable {
    let rawValue: UInt64

    /// A back end says how many queues it has.
    static let multipleQueues = ProtocolFeatures(rawValue: 1 << 0)
    /// A back end acknowledges every message where it is asked to.
    static let acknowledgements = ProtocolFeatures(rawValue: 1 << 3)
    /// A back end has the device's configuration structure.
    static let configuration = ProtocolFeatures(rawValue: 1 << 9)
  }

  /// The bit among virtio's features by which both ends say that they know `ProtocolFeatures`.
  static let protocolFeatures: UInt64 = 1 << 30

  /// A piece of the guest's RAM; it is in a file that comes with the message.
  struct Region: Hashable, Sendable {
    var guest: UInt64
    var count: UInt64
    /// Where the front end has it, by which rings are named.
    var address: UInt64
    /// In the file.
    var offset: UInt64
  }

  /// Where the areas of a ring lie in the front end's process.
  struct RingAddresses: Hashable, Sendable {
    var descriptors: UInt64
    var driver: UInt64
    var device: UInt64
  }

  var request: VhostUserRequest
  var payload: [UInt8]

  // MARK: What a front end sends

  static func plain(_ request: VhostUserRequest) -> Self { Self(request: request, payload: []) }

  static func number(_ request: VhostUserRequest, _ value: UInt64) -> Self {
    Self(request: request, payload: bytes(value))
  }

  /// A number of one ring: its size, its base, whether it is enabled.
  static func ring(_ request: VhostUserRequest, _ index: Int, _ value: UInt32) -> Self {
    Self(request: request, payload: words([UInt32(index), value]))
  }

  static func addresses(of index: Int, _ ring: RingAddresses) -> Self {
    // Without flags: nothing is logged, and nowhere.
    let places = [ring.descriptors, ring.device, ring.driver, 0]
    return Self(
      request: .setRingAddresses, payload: words([UInt32(index), 0]) + places.flatMap { bytes($0) })
  }

  /// - Parameter regions: at most 8; the file of each comes with the message.
  static func memory(_ regions: [Region]) -> Self {
    let numbers = regions.flatMap { [$0.guest, $0.count, $0.address, $0.offset] }
    return Self(
      request: .setMemoryTable, payload: words([UInt32(regions.count), 0]) + numbers.flatMap { bytes($0) })
  }

  /// Asks for the first bytes of the configuration structure; the answer has them in the place of these zeros.
  static func configuration(count: Int) -> Self {
    Self(request: .getConfiguration, payload: words([0, UInt32(count), 0]) + [UInt8](repeating: 0, count: count))
  }

  /// Bytes before those of the configuration itself.
  static let configurationHead = 12

  /// The message as it is sent.
  /// - Parameter isAcknowledged: whether an answer is asked for.
  func bytes(isAcknowledged: Bool = false) -> [UInt8] {
    let flags = Head.version | (isAcknowledged ? Head.needsReply : 0)
    return Self.words([request.rawValue, flags, UInt32(payload.count)]) + payload
  }

  private static func words(_ words: [UInt32]) -> [UInt8] { words.flatMap { bytes($0) } }

  private static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  // MARK: What a back end sends

  /// The head of a message.
  struct Head: Hashable, Sendable {
    static let size = 12
    static let version: UInt32 = 1
    static let isReply: UInt32 = 1 << 2
    static let needsReply: UInt32 = 1 << 3

    let request: UInt32
    let flags: UInt32
    /// Bytes of the payload, as the sender says.
    let count: UInt32

    /// - Parameter bytes: as many as `size`.
    init(_ bytes: [UInt8]) {
      request = VhostUserMessage.integer(bytes, at: 0)
      flags = VhostUserMessage.integer(bytes, at: 4)
      count = VhostUserMessage.integer(bytes, at: 8)
    }

    /// Whether it begins the answer to a request.
    func answers(_ request: VhostUserRequest) -> Bool {
      self.request == request.rawValue && flags & 3 == Self.version && flags & Self.isReply != 0
    }
  }

  /// An integer of a payload that has it.
  static func integer<T: FixedWidthInteger>(_ bytes: [UInt8], at offset: Int) -> T {
    var value: T = 0
    for index in 0..<T.bitWidth / 8 { value |= T(truncatingIfNeeded: bytes[offset + index]) << (8 * index) }
    return value
  }
}
