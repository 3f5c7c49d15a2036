import ProbeABI

/// What a workload measured inside its windows; becomes an `nm_result`.
struct Measurement {
  /// Operations done inside the windows.
  private(set) var operations: UInt64 = 0
  /// Bytes moved inside the windows.
  private(set) var bytes: UInt64 = 0
  /// TSC at the first opening and the last closing.
  private(set) var opened: UInt64 = 0
  private(set) var closed: UInt64 = 0
  /// TSC ticks of all windows.
  private(set) var ticks: UInt64 = 0
  /// See `KernelWorkload.values` and `BatchWorkload` for what it is the checksum of.
  var checksum: UInt64 = 0
  /// The workload's own figures; `KernelWorkload.valueName` names them.
  var values: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
  typealias Shares = InlineArray<16, UInt64>
  static var noShares: Shares { Shares(repeating: 0) }
  /// Operations of each worker that shared the work, and their number; 0 where one did all of it.
  var shares = Measurement.noShares
  var shareCount = 0
  /// Operations in one histogram sample; 0 where no histogram was filled.
  var histogramUnit: UInt32 = 0

  /// Adds what one window gave.
  mutating func add(_ window: MeasuredWindow) {
    if ticks == 0 { opened = window.opened }
    closed = window.closed
    ticks &+= window.closed &- window.opened
    operations &+= window.operations
    bytes &+= window.bytes
  }
}

/// One window, closed.
struct MeasuredWindow: BitwiseCopyable {
  /// TSC at the opening and the closing.
  var opened: UInt64
  var closed: UInt64
  /// Operations done, and bytes moved, inside it.
  var operations: UInt64
  var bytes: UInt64 = 0
}
