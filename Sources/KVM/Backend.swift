import CLinux
import LinuxSystem

/// How the host's KVM runs guest code.
public enum Backend: String, Sendable, CaseIterable {
  /// Intel VT-x (`kvm_intel`).
  case vmx
  /// AMD SVM (`kvm_amd`).
  case svm
  /// Page-table-based virtual machines (`kvm_pvm`): neither VT-x nor SVM; CPL 3 runs natively, CPL 0 in an emulator.
  case pvm
  /// No KVM.
  case none

  /// The backend that answers `/dev/kvm`: the device is registered, the module is there, and the CPU has what it needs.
  ///
  /// `/sys/module` alone does not tell: a kernel with built-in modules lists `kvm_intel` and `kvm_amd` on every CPU, and only
  /// one of them could register. `kvm_pvm` needs neither flag; where it is there with one of the others, it was loaded on
  /// purpose, which succeeds only where the other one did not register.
  /// - Parameter root: what stands before `/sys` and `/proc`, for tests.
  public static func detect(root: String = "") -> Backend {
    guard exists("\(root)/sys/devices/virtual/misc/kvm") else { return .none }
    if exists("\(root)/sys/module/kvm_pvm") { return .pvm }
    let flags = processorFlags("\(root)/proc/cpuinfo")
    for (module, backend) in [("kvm_intel", Backend.vmx), ("kvm_amd", .svm)]
    where flags.contains(backend.rawValue) && exists("\(root)/sys/module/\(module)") {
      return backend
    }
    return .none
  }

  private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// The words of the first line `flags` of `/proc/cpuinfo`, which stands in its first 16 KiB.
  private static func processorFlags(_ path: String) -> Set<String> {
    guard let file = try? Descriptor.open(path, O_RDONLY) else { return [] }
    let text = unsafe String(unsafeUninitializedCapacity: 16384) { bytes in
      max(0, unsafe read(file.rawValue, bytes.baseAddress, bytes.count))
    }
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") }) else { return [] }
    return Set(line.drop { $0 != ":" }.dropFirst().split(separator: " ").map(String.init))
  }
}
