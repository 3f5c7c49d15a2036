/// The running boot (Linux, admin-guide/sysctl/kernel: random/boot_id).
public enum BootIdentifier {
  /// Nil where the kernel does not say.
  public static var current: String? { try? HostFiles().text("/proc/sys/kernel/random/boot_id") }
}
