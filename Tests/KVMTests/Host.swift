import CLinux
import KVM

/// What this host can run.
enum Host {
  static let hasKVM = (try? System()) != nil
  static let noKVM: String = "needs a /dev/kvm that this user may open"
}
