/// How a job takes turns, and how far it has got.
struct TurnTaking {
  /// `turns`: most windows that are measured; 0 for a job that measures one by itself.
  var limit: UInt64 = 0
  /// `rewarm`: ticks of work before each window that do not count.
  var rewarm: UInt64 = 0
  /// Windows that were begun.
  var windows: UInt64 = 0

  init() {}

  init(_ job: borrowing Job) {
    limit = job.parameter("turns") ?? 0
    rewarm = limit == 0 ? 0 : job.parameter("rewarm") ?? 0
  }

  var isTaken: Bool { limit > 0 }
}
