import ProbeABI

/// Keeps the processor busy until `ticks` of the TSC have passed: the delay of known size that a calibration adds to each
/// operation (`delay` in a job).
@inline(never)
func spin(_ ticks: UInt64) {
  let start = nm_tsc()
  while nm_tsc() &- start < ticks {}
}
