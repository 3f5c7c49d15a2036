import Foundation
import LinuxSystem
import Testing

@testable import Machines

/// The filter of system calls that the examples give to containers.
@Suite struct SeccompProfileTests {
  private struct Profile: Decodable {
    struct Rule: Decodable {
      var names: [String]
      var action: String
    }

    var defaultAction: String
    var syscalls: [Rule]
  }

  @Test func theContainersFilterAdmitsWhatSessionsAndMeasurementsCall() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try Data(contentsOf: root.appendingPathComponent("ci/examples/kubernetes/seccomp.json"))
    let profile = try JSONDecoder().decode(Profile.self, from: text)
    #expect(profile.defaultAction == "SCMP_ACT_ERRNO")
    #expect(profile.syscalls.allSatisfy { $0.action == "SCMP_ACT_ALLOW" })
    let names = profile.syscalls.flatMap(\.names)
    #expect(Set(names).count == names.count && names == names.sorted())
    let missing = Set(CallFilter.admitted + ["open", "openat", "seccomp"]).union(
      SystemCallFilter.Call.allCases.map(\.rawValue)
    ).subtracting(names)
    #expect(missing.isEmpty, "\(missing.sorted())")
    // What nobody needs who measures, and what breaks out of containers.
    let dangerous: Set = [
      "mount", "umount2", "unshare", "setns", "ptrace", "bpf", "keyctl", "init_module", "finit_module", "kexec_load",
      "pivot_root", "reboot", "open_by_handle_at", "process_vm_writev",
    ]
    #expect(dangerous.isDisjoint(with: names))
  }
}
