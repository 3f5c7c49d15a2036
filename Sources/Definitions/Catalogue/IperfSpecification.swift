import Results

/// What iperf3 does: a client in the guest, or on the host, speaks TCP with a server behind the wire.
public struct IperfSpecification: Hashable, Sendable {
  /// As the client's side sees it.
  public var direction: NetSpecification.Direction
  /// Bytes of a write to a connection, and of a read from it.
  public var length: UInt64
  /// Connections at once.
  public var parallel: UInt64

  static let length = "length"
  static let parallel = "parallel"
  /// As the catalogue says them.
  static let usualLength: UInt64 = 128 << 10

  /// - Parameter workload: `linux.iperf3`, with parameters that its definition allows.
  init(_ workload: Workload) {
    direction = NetSpecification(workload).direction
    length = workload[Self.length]?.quantity ?? Self.usualLength
    parallel = workload[Self.parallel]?.quantity ?? 1
  }
}
