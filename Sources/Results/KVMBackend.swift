/// How KVM runs guest code on a host.
public enum KVMBackend: String, Codable, Sendable, CaseIterable {
  /// Intel VT-x.
  case vmx
  /// AMD SVM.
  case svm
  /// Page-table based, without hardware virtualization.
  case pvm
  /// No usable KVM.
  case none
}
