import Definitions
import LinuxSystem
import Results
import Testing
import Topology

@testable import Machines
@testable import Probe

@Suite struct ThreadPlacementTests {
  private func place(_ cpus: LegCPUs, _ parameters: String) throws -> ThreadPlacement {
    let suite = try SuiteReader.parse(
      "name: s\nblocks: 1\nwindow: 10ms\nmachines: [native]\nworkloads: [{id: block.randread, parameters: {\(parameters)}}]",
      path: "s.yaml")
    return ThreadPlacement(cpus, try #require(Plan(suite, seed: 1).sessions.first).concurrency)
  }

  private let many = LegCPUs(workload: 2, io: 3, others: [4, 5, 6, 7])
  private let two = LegCPUs(workload: 0, io: 1)

  @Test func oneVCPUAndOneThreadAreWhereTheyAlwaysWere() throws {
    for cpus in [many, two] {
      let placement = try place(cpus, "qd: 1")
      #expect(placement.vcpus == [cpus.workload] && placement.io == [cpus.io] && placement.native == [cpus.io ?? -1])
      #expect(placement.sharing(isNative: false) == nil && placement.sharing(isNative: true) == nil)
    }
    let alone = try place(LegCPUs(workload: 5, io: nil), "qd: 1")
    #expect(alone.vcpus == [5] && alone.io == [nil] && alone.native == [5])
    #expect(alone.sharing(isNative: false) == nil)
  }

  @Test func everyThreadHasACPUOfItsOwnWhereThereAreEnough() throws {
    let placement = try place(many, "queues: 4, vcpus: 3, iothreads: 2")
    #expect(placement.vcpus == [2, 4, 5] && placement.io == [3, 6])
    // The native leg calls from the I/O threads' CPUs, and has those of the vCPUs for what is left.
    #expect(placement.native == [3, 6, 2])
    #expect(placement.sharing(isNative: false) == nil && placement.sharing(isNative: true) == nil)
  }

  @Test func threadsOfAKindShareCPUsWhereThereAreTooFew() throws {
    let placement = try place(two, "queues: 4, vcpus: 4, iothreads: 2")
    #expect(placement.vcpus == [0, 0, 0, 0] && placement.io == [1, 1] && placement.native == [1, 0, 1, 0])
    #expect(
      placement.sharing(isNative: false) == "threads shared CPUs: 4 vCPUs on one CPU, 2 I/O threads on one CPU")
    #expect(placement.sharing(isNative: true) == "threads shared CPUs: 4 threads on 2 CPUs")
    let six = try place(many, "queues: 8, vcpus: 8, iothreads: 4")
    #expect(Set(six.vcpus).isDisjoint(with: six.io.compactMap(\.self)))
    #expect(Set(six.vcpus).count == 4 && Set(six.io).count == 2)
    #expect(Set(six.native) == [2, 3, 4, 5, 6, 7])
  }

  @Test(arguments: [(1, 16), (16, 1), (16, 16), (2, 2), (5, 3)])
  func noThreadIsLeftWithoutACPU(vcpus: Int, threads: Int) throws {
    for others in 0...8 {
      let cpus = LegCPUs(workload: 0, io: 1, others: Array(2..<2 + others))
      let placement = try place(cpus, "queues: 16, vcpus: \(vcpus), iothreads: \(threads)")
      #expect(placement.vcpus.count == vcpus && placement.io.count == threads && placement.native.count == vcpus)
      #expect(Set(placement.vcpus).isDisjoint(with: placement.io.compactMap(\.self)))
      #expect(placement.all.allSatisfy { $0 < others + 2 })
    }
    let one = try place(LegCPUs(workload: 3, io: nil), "queues: 16, vcpus: \(vcpus), iothreads: \(threads)")
    #expect(one.all == [3] && one.sharing(isNative: false) != nil)
  }
}
