import CLinux

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

  /// The backend whose kernel module is there. `/sys/module` lists built-in modules too where they have parameters, as all
  /// three have.
  /// - Parameter root: where `/sys` is mounted below, for tests.
  public static func detect(root: String = "") -> Backend {
    // A vendor module may be loaded on a machine where a second one is in use; what answers /dev/kvm registered last wins,
    // and the kernel lets only one of them register.
    for (module, backend) in [("kvm_pvm", Backend.pvm), ("kvm_intel", .vmx), ("kvm_amd", .svm)]
    where unsafe access("\(root)/sys/module/\(module)", F_OK) == 0 {
      return backend
    }
    return .none
  }
}
