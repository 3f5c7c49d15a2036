import LinuxSystem
import Synchronization

/// A back end, by its connection: another process that serves a disk's rings in the guest's memory. Any thread may use it; one waits for
/// the other.
public final class VhostUserBackend: Sendable {
  /// Bytes of virtio-blk's configuration structure (virtio 1.2 §5.2.4) up to what write-zeroes may do.
  static let configurationSize = 60

  private let connection: Mutex<VhostUserConnection>
  /// The connection's socket, for whoever wants to know when it is closed.
  public let socket: Int32
  /// What the back end offers a driver.
  public let features: VirtioFeatures
  /// Most queues.
  public let queueLimit: Int
  /// The configuration structure as the back end has it.
  let configuration: [UInt8]

  /// Makes acquaintance: features, queues, configuration. Blocks.
  /// - Parameters:
  ///   - socket: the connection, which is the back end's alone from now on.
  ///   - deadline: on `MonotonicClock`.
  public init(_ socket: consuming Descriptor, until deadline: UInt64) throws(VhostUserFailure) {
    var connection = VhostUserConnection(socket)
    let offered = try connection.number(.getFeatures, until: deadline)
    guard offered & VhostUserMessage.protocolFeatures != 0, VirtioFeatures(rawValue: offered).contains(.version1) else {
      throw VhostUserFailure("the vhost-user back end knows no protocol features, or no virtio 1")
    }
    let known: VhostUserMessage.ProtocolFeatures = [.multipleQueues, .acknowledgements, .configuration]
    let common = known.intersection(.init(rawValue: try connection.number(.getProtocolFeatures, until: deadline)))
    guard common.contains(.configuration) else {
      throw VhostUserFailure("the vhost-user back end does not tell its configuration")
    }
    try connection.tell(.number(.setProtocolFeatures, common.rawValue), until: deadline)
    connection.isAcknowledged = common.contains(.acknowledgements)
    try connection.tell(.plain(.setOwner), until: deadline)
    queueLimit =
      try common.contains(.multipleQueues) ? Int(clamping: connection.number(.getQueueCount, until: deadline)) : 1
    configuration = try Self.readConfiguration(&connection, deadline)
    features = VirtioFeatures(rawValue: offered & ~VhostUserMessage.protocolFeatures)
    self.socket = connection.descriptor
    self.connection = Mutex(connection)
  }

  private static func readConfiguration(
    _ connection: inout VhostUserConnection, _ deadline: UInt64
  ) throws(VhostUserFailure) -> [UInt8] {
    let head = VhostUserMessage.configurationHead
    let answer = try connection.ask(
      .configuration(count: configurationSize), counts: [head + configurationSize, 0], until: deadline)
    guard !answer.isEmpty else { throw VhostUserFailure("the vhost-user back end refuses to tell its configuration") }
    return Array(answer[head...])
  }

  /// Bytes of the disk that it shows.
  public var capacity: UInt64 {
    let sectors: UInt64 = VhostUserMessage.integer(configuration, at: 0)
    return sectors.multipliedReportingOverflow(by: 512).overflow ? .max : sectors * 512
  }

  /// A ring that is to be served, from its first element.
  struct Ring {
    var index: Int
    var size: UInt16
    var isPacked: Bool
    var addresses: VhostUserMessage.RingAddresses
    /// Eventfds.
    var kick: Int32
    var call: Int32
  }

  /// Says what was negotiated, and where the guest's RAM is.
  /// - Parameters:
  ///   - features: a subset of `features`.
  ///   - regions: pieces of RAM, all in one file.
  func begin(
    _ features: VirtioFeatures, _ regions: [VhostUserMessage.Region], in file: Int32, until deadline: UInt64
  ) throws(VhostUserFailure) {
    try connection.withLock { (connection) throws(VhostUserFailure) in
      try connection.tell(
        .number(.setFeatures, features.rawValue | VhostUserMessage.protocolFeatures), until: deadline)
      try connection.tell(.memory(regions), with: regions.map { _ in file }, until: deadline)
    }
  }

  /// Has a ring served.
  func start(_ ring: Ring, until deadline: UInt64) throws(VhostUserFailure) {
    try connection.withLock { (connection) throws(VhostUserFailure) in
      try connection.tell(.ring(.setRingSize, ring.index, UInt32(ring.size)), until: deadline)
      try connection.tell(
        .ring(.setRingBase, ring.index, ring.isPacked ? Self.packedBase : 0), until: deadline)
      try connection.tell(.addresses(of: ring.index, ring.addresses), until: deadline)
      try connection.tell(.number(.setRingCall, UInt64(ring.index)), with: [ring.call], until: deadline)
      try connection.tell(.number(.setRingKick, UInt64(ring.index)), with: [ring.kick], until: deadline)
      try connection.tell(.ring(.setRingEnabled, ring.index, 1), until: deadline)
    }
  }

  /// Ends the service of a ring.
  /// - Returns: where it stopped: in a split ring the index of the next available element, in a packed one the places of the next
  ///   available and of the next used element, with their wrap counters.
  func stop(_ index: Int, until deadline: UInt64) throws(VhostUserFailure) -> UInt32 {
    try connection.withLock { (connection) throws(VhostUserFailure) in
      let answer = try connection.ask(.ring(.getRingBase, index, 0), counts: [8], until: deadline)
      guard VhostUserMessage.integer(answer, at: 0) == UInt32(index) else {
        throw VhostUserFailure("the vhost-user back end stopped another ring than it was told to")
      }
      return VhostUserMessage.integer(answer, at: 4)
    }
  }

  /// Both places of a packed ring at its first element, both wrap counters set (virtio 1.2 §2.8.1).
  private static let packedBase: UInt32 = 1 << 15 | 1 << 31
}
