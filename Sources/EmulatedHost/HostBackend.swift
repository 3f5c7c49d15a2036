/// How an emulated host's KVM runs guest code.
public enum HostBackend: String, Codable, Sendable, CaseIterable {
  /// AMD's SVM, by QEMU's TCG.
  case svm
  /// Intel's VT-x, by Bochs.
  case vmx

  /// The emulator's program.
  public var emulator: String { self == .svm ? "qemu-system-x86_64" : "bochs" }

  /// Seconds that a host is waited for until its command runs, as the machinery has it.
  var bootSeconds: UInt64 { self == .svm ? 300 : 1500 }
}
