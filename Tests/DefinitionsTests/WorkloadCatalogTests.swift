import Definitions
import Kernels
import Results
import Testing

/// The catalogue is the one table of workloads: what the probe runs is held against it here, and in the end-to-end tests by a
/// guest that is asked for every workload.
@Suite struct WorkloadCatalogTests {
  private static let kernels = (0..<KernelWorkload.count).compactMap { KernelWorkload(rawValue: $0)?.name.description }

  @Test func everyKernelOfTheProbeHasARowAndEveryRowThatRunsNativelyAKernel() {
    // A boot is a boot wherever it happens, and what a user runs is the user's.
    let native = WorkloadCatalog.all.filter { ![.boot, .linux].contains($0.kind) && $0.paths.contains(.native) }.map(
      \.id)
    #expect(Set(native) == Set(Self.kernels))
  }

  @Test func everyRowHasANameOfItsOwnAndParametersWhoseDefaultsAreAllowed() {
    #expect(Set(WorkloadCatalog.all.map(\.id)).count == WorkloadCatalog.all.count)
    for workload in WorkloadCatalog.all {
      #expect(Set(workload.parameters.map(\.name)).count == workload.parameters.count, "\(workload.id)")
      for parameter in workload.parameters {
        guard let standard = parameter.standard else { continue }
        #expect(parameter.allows(ParameterValue(standard)), "\(workload.id) \(parameter.name)=\(standard)")
      }
    }
  }

  @Test func quantitiesAreTheSameHoweverTheyAreWritten() throws {
    let one = Workload("block.randread", ["bs": "4KiB", "qd": "1"])
    let other = Workload("block.randread", ["bs": "4096", "qd": "1"])
    #expect(one == other && one.hashValue == other.hashValue)
    #expect(one.description == "block.randread bs=4KiB qd=1" && other.description == "block.randread bs=4096 qd=1")
    #expect(Workload("block.randread", ["bs": "4096"]).covers(one) && !one.covers(Workload("block.randread")))
    #expect(ParameterValue("direct") != ParameterValue("file") && ParameterValue("0") != ParameterValue("null"))
  }
}
