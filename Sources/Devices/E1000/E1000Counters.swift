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

  mutating func sent(_ frame: UnsafeRawBufferPointer) {
    framesSent += 1
    bytesSent += UInt64(frame.count)
    if let address = unsafe E1000Filter.destination(of: unsafe frame), address.isGroup {
      if address == .broadcast { broadcastsSent += 1 } else { multicastsSent += 1 }
    }
  }

  mutating func received(_ frame: UnsafeRawBufferPointer) {
    framesReceived += 1
    bytesReceived += UInt64(frame.count)
    if let address = unsafe E1000Filter.destination(of: unsafe frame), address.isGroup {
      if address == .broadcast { broadcastsReceived += 1 } else { multicastsReceived += 1 }
    }
  }
}

/// The statistics registers (§13.7): what was counted since they were read last.
struct E1000Statistics {
  private var base = E1000Counters()

  /// Reads and clears a register; 0 for what never happens on this wire, such as collisions.
  mutating func read(_ offset: Int, _ now: E1000Counters) -> UInt32 {
    switch offset {
    case 0x4010: take(\.overruns, now)
    case 0x4074, 0x40d0: take(\.framesReceived, now)
    case 0x4078: take(\.broadcastsReceived, now)
    case 0x407c: take(\.multicastsReceived, now)
    case 0x4080, 0x40d4: take(\.framesSent, now)
    // 64-bit counters: the low half shows, reading the high half clears both.
    case 0x4088, 0x40c0: UInt32(truncatingIfNeeded: now.bytesReceived - base.bytesReceived)
    case 0x408c, 0x40c4: takeHigh(\.bytesReceived, now)
    case 0x4090, 0x40c8: UInt32(truncatingIfNeeded: now.bytesSent - base.bytesSent)
    case 0x4094, 0x40cc: takeHigh(\.bytesSent, now)
    case 0x40a0: 0
    case 0x40f0: take(\.multicastsSent, now)
    case 0x40f4: take(\.broadcastsSent, now)
    default: 0
    }
  }

  private mutating func take(_ path: WritableKeyPath<E1000Counters, UInt64>, _ now: E1000Counters) -> UInt32 {
    let value = now[keyPath: path] - base[keyPath: path]
    base[keyPath: path] = now[keyPath: path]
    return UInt32(clamping: value)
  }

  private mutating func takeHigh(_ path: WritableKeyPath<E1000Counters, UInt64>, _ now: E1000Counters) -> UInt32 {
    let value = now[keyPath: path] - base[keyPath: path]
    base[keyPath: path] = now[keyPath: path]
    return UInt32(truncatingIfNeeded: value >> 32)
  }
}
