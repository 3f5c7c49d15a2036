import ProbeABI

/// What a workload measured inside its window; becomes an `nm_result`.
struct Measurement {
  /// Operations done inside the window.
  var operations: UInt64 = 0
  /// Bytes moved inside the window.
  var bytes: UInt64 = 0
  /// TSC at the opening and the closing.
  var opened: UInt64 = 0
  var closed: UInt64 = 0
  /// See `KernelWorkload.values` and `BatchWorkload` for what it is the checksum of.
  var checksum: UInt64 = 0
  /// The workload's own figures; `KernelWorkload.valueName` names them.
  var values: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
  /// Operations in one histogram sample; 0 where no histogram was filled.
  var histogramUnit: UInt32 = 0
}
