/// A workload whose operations are timed one by one.
protocol OperationWorkload: ~Copyable {
  /// Does one operation. Returns false when its result was not what it must be.
  mutating func operate() -> Bool
}
