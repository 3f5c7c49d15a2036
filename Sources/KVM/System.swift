import CKVM
import CLinux
import LinuxSystem
import SystemPackage

/// The handle on `/dev/kvm` (Documentation/virt/kvm/api.rst §2).
public struct System: ~Copyable, Sendable {
  /// The only version of the interface there has been since 2007.
  public static let apiVersion: Int32 = 12

  let descriptor: Descriptor

  /// Opens KVM and checks its interface version.
  /// - Throws: `SystemError` that says how to get what is missing.
  public init(path: String = "/dev/kvm") throws(SystemError) {
    let descriptor = try Descriptor.open(path, O_RDWR, explain: Self.advice)
    let version = try Request.value(descriptor.rawValue, nm_KVM_GET_API_VERSION, 0, "ask KVM for its version")
    guard version == Self.apiVersion else {
      throw SystemError(
        "use KVM interface version \(version)", .notSupported, advice: "Version \(Self.apiVersion) is expected.")
    }
    self.descriptor = descriptor
  }

  private static func advice(_ code: Errno) -> String? {
    switch code {
    case .noSuchFileOrDirectory:
      "Load the KVM module (modprobe kvm_intel or kvm_amd), and enable virtualization in the firmware."
    case .permissionDenied, .notPermitted: "Add this user to the kvm group, or run as root."
    case .operationNotSupportedByDevice, .noSuchAddressOrDevice:
      "The KVM module is there but found no virtualization extension."
    default: nil
    }
  }

  /// What KVM answers for an extension: 0 where it is absent, else 1 or a number with its own meaning.
  public borrowing func check(_ capability: Capability) -> Int {
    Int(max(0, nm_ioctl_value(descriptor.rawValue, nm_KVM_CHECK_EXTENSION, UInt(capability.number))))
  }

  /// Every capability of the table with KVM's answer.
  public borrowing func capabilities() -> [(capability: Capability, value: Int)] {
    var all: [(capability: Capability, value: Int)] = []
    for capability in Capability.allCases { all.append((capability, check(capability))) }
    return all
  }

  /// Makes a virtual machine without memory, devices or vCPUs.
  public borrowing func createVirtualMachine() throws(SystemError) -> VirtualMachine {
    let fd = try Request.value(descriptor.rawValue, nm_KVM_CREATE_VM, 0, "create a virtual machine")
    let owned = Descriptor(owning: fd)
    let size = try Request.value(descriptor.rawValue, nm_KVM_GET_VCPU_MMAP_SIZE, 0, "ask for the run page's size")
    return VirtualMachine(descriptor: owned, runPageSize: Int(size))
  }

  /// The CPUID leaves that KVM can give a guest here.
  public borrowing func supportedCPUID() throws(SystemError) -> CPUIDTable {
    try CPUIDTable(supportedBy: descriptor.rawValue)
  }
}
