import Definitions
import Kernels
import ProbeABI
import Results

extension LegAssembler {
  /// What a leg computed, for work that is done in batches: that of others depends on how much there was time for, or on the leg's number.
  func answer(_ figures: nm_result, _ leg: PlannedLeg) -> AnswerRecord? {
    let bytes: UInt64?
    switch KernelWorkload(named: leg.workload.id) {
    case .cpuInteger, .cpuFloat, .cpuSHA256, .cpuBranch, .memoryTouch: bytes = nil
    case .memoryCopy, .memoryTriad, .memoryLatency: bytes = figures.values.2
    default: return nil
    }
    return AnswerRecord(
      work: leg.workload.description, seed: leg.seed, operations: figures.values.0, bytes: bytes,
      checksum: figures.checksum)
  }
}
