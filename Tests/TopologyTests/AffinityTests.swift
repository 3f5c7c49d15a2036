import LinuxSystem
import Testing

@testable import Topology

/// The affinity is the truth; lists may be a container's own.
@Suite struct AffinityTests {
  private var twoOfFour: RecordedHost {
    var host = RecordedHost()
    host.addCPUs((0..<4).map { (package: 0, core: $0, siblings: "\($0)", node: 0) })
    host.files["/sys/devices/system/cpu/online"] = "0-1\n"
    return host
  }

  @Test func aCPUThatMayBeUsedIsThereThoughTheListLacksIt() throws {
    let cpus = try twoOfFour.read { try CPUTopology(files: $0, allowed: [2, 3]) }
    #expect(cpus.cpus.map(\.id) == [0, 1, 2, 3])
    let place = try Placement(allowed: [2, 3], topology: cpus)
    #expect([place.vcpu, place.io] == [2, 3])
  }

  @Test func aCPUOfTheListThatIsNotThereIsLeftOut() throws {
    var host = twoOfFour
    host.files["/sys/devices/system/cpu/online"] = "0-7\n"
    #expect(try host.read { try CPUTopology(files: $0, allowed: [0, 1]) }.cpus.map(\.id) == [0, 1, 2, 3])
  }

  private var hybrid: RecordedHost {
    var host = RecordedHost()
    host.addCPUs((0..<4).map { (package: 0, core: $0, siblings: "\($0)", node: 0) })
    host.files["/sys/devices/cpu_core/cpus"] = "0,3\n"
    host.files["/sys/devices/cpu_atom/cpus"] = "1-2\n"
    return host
  }

  @Test func kindsOfCoresAreRecordedAndNotMixed() throws {
    let cpus = try hybrid.read { try CPUTopology(files: $0) }
    #expect(cpus.kinds == ["core": [0, 3], "atom": [1, 2]])
    let place = try Placement(allowed: [0, 1, 2, 3], topology: cpus)
    #expect([place.vcpu, place.io] == [0, 3])
    #expect(throws: PlacementError.self) { try Placement(allowed: [0, 1], topology: cpus) }
    let named = try Placement(.explicit(vcpu: 0, io: 1), allowed: [0, 1], topology: cpus)
    #expect([named.vcpu, named.io] == [0, 1])
  }

  @Test func coresOfOneKindHaveNone() throws {
    #expect(try twoOfFour.read { try CPUTopology(files: $0) }.kinds == [:])
  }

  @Test func thisProcessMayUseWhatTheKernelSays() throws {
    let allowed = try CPUAffinity.allowed()
    #expect(!allowed.isEmpty && allowed == allowed.sorted())
    #expect(Set(try CPUTopology().cpus.map(\.id)).isSuperset(of: allowed))
  }
}
