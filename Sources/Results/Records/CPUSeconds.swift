/// CPU time that a leg's threads spent, in seconds. Nil where it could not be read.
public struct CPUSeconds: Codable, Sendable, Equatable {
  /// The vCPU threads, or the workload's thread natively.
  public var vcpu: Double?
  /// The I/O threads.
  public var io: Double?
  /// Every thread of the machine, kernel threads that worked for it included where they can be told.
  public var total: Double?

  public init(vcpu: Double? = nil, io: Double? = nil, total: Double? = nil) {
    self.vcpu = vcpu
    self.io = io
    self.total = total
  }
}
