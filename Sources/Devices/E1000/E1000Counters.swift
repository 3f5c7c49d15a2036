import Frames

/// What the controller counted, for the statistics registers and for a leg's reason.
public struct E1000Counters: Sendable, Equatable {
  public var framesSent: UInt64 = 0
  public var bytesSent: UInt64 = 0
  public var framesReceived: UInt64 = 0
  public var bytesReceived: UInt64 = 0
  /// Received frames that are for other stations.
  public var filtered: UInt64 = 0
  /// Received frames that the driver had not enough buffers for; they are lost.
  public var overruns: UInt64 = 0
  /// Received frames that are longer than the driver takes, and those too short to be one; they are lost.
  public var oversized: UInt64 = 0
  public var undersized: UInt64 = 0
  /// Packets to send that make no frame, and descriptors or buffers outside memory.
  public var malformed: UInt64 = 0
  public var badDescriptors: UInt64 = 0
  /// Frames that the wire did not take; they are lost.
  public var refused: UInt64 = 0
  /// Register reads and writes.
  public var registerAccesses: UInt64 = 0
  /// Rises of the interrupt line.
  public var interrupts: UInt64 = 0

  /// Broadcast and multicast frames, by direction.
  var broadcastsSent: UInt64 = 0
  var multicastsSent: UInt64 = 0
  var broadcastsReceived: UInt64 = 0
  var multicastsReceived: UInt64 = 0
  /// Frames by length with the check sequence: 64 bytes, to 127, 255, 511, 1023, longer.
  var sentBySize = SIMD8<UInt64>()
  var receivedBySize = SIMD8<UInt64>()
  /// Packets that left in segments.
  var segmentedPackets: UInt64 = 0

  /// Bytes of the check sequence, which the statistics registers count and frames here do not have.
  static let checkSequence: UInt64 = 4

  public init() {}

  mutating func sent(_ frame: UnsafeRawBufferPointer) {
    framesSent += 1
    bytesSent += UInt64(frame.count)
    sentBySize[Self.sizeClass(frame.count)] += 1
    if let address = unsafe E1000Filter.destination(of: unsafe frame), address.isGroup {
      if address == .broadcast { broadcastsSent += 1 } else { multicastsSent += 1 }
    }
  }

  mutating func received(_ frame: UnsafeRawBufferPointer) {
    framesReceived += 1
    bytesReceived += UInt64(frame.count)
    receivedBySize[Self.sizeClass(frame.count)] += 1
    if let address = unsafe E1000Filter.destination(of: unsafe frame), address.isGroup {
      if address == .broadcast { broadcastsReceived += 1 } else { multicastsReceived += 1 }
    }
  }

  private static func sizeClass(_ count: Int) -> Int {
    switch count + Int(checkSequence) {
    case ...64: 0
    case ...127: 1
    case ...255: 2
    case ...511: 3
    case ...1023: 4
    default: 5
    }
  }
}
