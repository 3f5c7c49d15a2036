/// Figures of a workload under Linux.
struct LinuxFigures: Codable, Sendable, Equatable {
  /// Nanoseconds from creating the machine to the first word of the guest's first process, and to where the job could begin.
  var hello: UInt64?
  var ready: UInt64?
  /// Seconds that the guest's kernel had run at that first word, as it says; whole hundredths.
  var uptime: Double?
  /// Nanoseconds that the job took.
  var time: UInt64?
  /// Nil for a job that is no tool.
  var results: LinuxResults?
}
