import CLinux
import KVM
import TestSupport
import Testing

@Suite struct BackendTests {
  private static let cases: [(modules: [String], flags: String, device: Bool, backend: Backend)] = [
    (["kvm", "kvm_intel"], "fpu vmx sse2", true, .vmx),
    (["kvm", "kvm_amd"], "fpu svm sse2", true, .svm),
    // Built-in modules are listed on every CPU; the CPU's flags say which of them works.
    (["kvm", "kvm_intel", "kvm_amd"], "fpu svm sse2", true, .svm),
    (["kvm", "kvm_intel", "kvm_amd"], "fpu vmx sse2", true, .vmx),
    (["kvm", "kvm_pvm"], "fpu hypervisor", true, .pvm),
    (["kvm", "kvm_intel", "kvm_amd", "kvm_pvm"], "fpu hypervisor", true, .pvm),
    // Virtualization is there and nobody uses it.
    (["kvm"], "fpu vmx", true, .none),
    (["kvm", "kvm_intel", "kvm_amd"], "fpu hypervisor", false, .none),
    (["kvm", "kvm_intel"], "fpu vmx", false, .none),
    ([], "fpu", false, .none),
    // A flag whose name only begins alike is another flag.
    (["kvm", "kvm_intel", "kvm_amd"], "fpu vmx_exit svm", true, .svm),
  ]

  @Test(arguments: cases)
  func theBackendIsFoundByModulesAndFlags(modules: [String], flags: String, device: Bool, backend: Backend) throws {
    let root = try MadeUpRoot()
    for module in modules { try root.folder("sys/module/\(module)") }
    if device { try root.folder("sys/devices/virtual/misc/kvm") }
    try root.file(
      "proc/cpuinfo", "processor\t: 0\nmodel name\t: vmx svm machine\nflags\t\t: \(flags)\nbugs\t\t: none\n")
    #expect(Backend.detect(root: root.path) == backend)
  }

  @Test func aRootWithoutAnythingHasNoBackend() {
    #expect(Backend.detect(root: "/nowhere") == .none)
  }

  @Test(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
  func thisHostHasABackend() {
    #expect(Backend.detect() != .none)
  }
}
