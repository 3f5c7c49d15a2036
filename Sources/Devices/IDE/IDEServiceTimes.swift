/// How long a drive's storage engine took, on the thread of the access that asked for it: the last thousand requests.
final class IDEServiceTimes {
  private static let capacity = 1024
  private var values: [UInt64] = []
  private var next = 0

  init() { values.reserveCapacity(Self.capacity) }

  /// Adds one in nanoseconds; it takes the oldest one's place.
  func add(_ nanoseconds: UInt64) {
    if values.count < Self.capacity {
      values.append(nanoseconds)
    } else {
      values[next] = nanoseconds
      next = (next + 1) % Self.capacity
    }
  }

  /// Half of the requests took longer; nil before the first.
  var median: UInt64? { values.isEmpty ? nil : values.sorted()[values.count / 2] }
}
