/// What a virtio-net device counts.
public enum NetCounter: Int, CaseIterable, Sendable {
  case framesSent, bytesSent, framesReceived, bytesReceived
  /// Sent frames that their header contradicts; they are dropped.
  case malformed
  /// Sent frames that the wire did not take; they are dropped.
  case refused
  /// Times that a sent frame had to wait for room on the wire.
  case stalls
  /// Received frames that are for other stations.
  case filtered
  /// Received frames that the driver's buffers can never hold; they are dropped. With several queues also those for a queue without
  /// buffers.
  case overruns
  /// Times that a received frame had to wait for more buffers.
  case shortages
  /// Received frames with work left that the driver did not negotiate; they are dropped.
  case unaccepted
  /// Times that the wire failed to say whether there is a frame.
  case wireErrors
  /// Control commands.
  case commands
  /// Interrupts raised, waits that ended, and times that polling gave up and slept.
  case interrupts, wakeups, sleeps
}
