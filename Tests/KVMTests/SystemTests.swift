import CLinux
import KVM
import LinuxSystem
import SystemPackage
import TestSupport
import Testing

@Suite struct SystemTests {
  @Test func aMissingDeviceSaysHowToGetIt() {
    let error = #expect(throws: SystemError.self) { _ = try System(path: "/nowhere/kvm") }
    #expect(error?.errno == .noSuchFileOrDirectory)
    #expect(error?.description.hasPrefix("cannot open /nowhere/kvm: ") == true)
    #expect(error?.description.contains("modprobe kvm_intel or kvm_amd") == true)
  }

  @Test func aClosedDeviceSaysWhoMayOpenIt() throws {
    let file = try TemporaryFile([0], suffix: ".kvm")
    let path = file.path
    #expect(unsafe chmod(path, 0) == 0)
    let error = try Unprivileged.run { #expect(throws: SystemError.self) { _ = try System(path: path) } }
    #expect(error?.errno == .permissionDenied)
    #expect(error?.description.contains("kvm group") == true)
  }

  @Test func aFileThatIsNotKVMIsRefused() throws {
    let file = try TemporaryFile([0], suffix: ".kvm")
    let path = file.path
    let error = #expect(throws: SystemError.self) { _ = try System(path: path) }
    #expect(error?.operation == "ask KVM for its version")
  }

  @Test(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
  func capabilitiesHaveNamesAndAnswers() throws {
    let system = try System()
    let answers = system.capabilities()
    #expect(answers.count == Capability.allCases.count)
    #expect(answers.allSatisfy { $0.value >= 0 })
    for capability in Capability.required {
      let answer = system.check(capability)
      #expect(answer > 0, "\(capability.rawValue)")
    }
    let answer = system.check(.maximumVCPUs)
    #expect(answer >= 1)
    let slots = system.check(.memorySlots)
    #expect(slots >= 2)
  }

  @Test func capabilityNumbersAreDistinct() {
    #expect(Set(Capability.allCases.map(\.number)).count == Capability.allCases.count)
  }
}
