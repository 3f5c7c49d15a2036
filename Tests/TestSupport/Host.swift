import KVM

/// What this host can run.
public enum Host {
  /// Whether there is a `/dev/kvm` that this user may open.
  public static let hasKVM = (try? System()) != nil
}
