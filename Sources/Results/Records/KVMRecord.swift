/// What the host's KVM is.
public struct KVMRecord: Codable, Sendable, Equatable {
  public var backend: KVMBackend
  /// Answers of `KVM_CHECK_EXTENSION` by the name of the capability without `KVM_CAP_`; 0 means absent.
  public var capabilities: [String: Int]

  public init(backend: KVMBackend, capabilities: [String: Int] = [:]) {
    self.backend = backend
    self.capabilities = capabilities
  }
}

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
