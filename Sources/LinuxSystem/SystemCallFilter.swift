import CLinux

/// Whether a seccomp filter stands between the process and a system call, as in containers. A filter answers with the errno of
/// a missing permission or of a missing call, and whoever believes that looks for a sysctl that is right already.
public enum SystemCallFilter {
  /// What containers refuse and a measurement would like to have.
  public enum Call: String, Sendable, CaseIterable {
    case ioUring = "io_uring_setup"
    case perfEvents = "perf_event_open"
    case memoryPolicy = "get_mempolicy"
    case bindMemory = "mbind"
    case movePages = "move_pages"
    case userFaults = "userfaultfd"
  }

  /// Calls it with arguments that the kernel refuses as senseless (EINVAL) before it looks at permissions: another refusal is
  /// the filter's.
  public static func refuses(_ call: Call) -> Bool {
    switch call {
    // The kernel's own switch is looked at before the arguments are.
    case .ioUring:
      ((try? HostFiles().integer("/proc/sys/kernel/io_uring_disabled")) ?? 0) == 0
        && nm_filter_refuses(NM_CALL_IO_URING)
    case .perfEvents: nm_filter_refuses(NM_CALL_PERF_EVENT_OPEN)
    case .memoryPolicy: nm_filter_refuses(NM_CALL_GET_MEMPOLICY)
    case .bindMemory: nm_filter_refuses(NM_CALL_MBIND)
    case .movePages: nm_filter_refuses(NM_CALL_MOVE_PAGES)
    case .userFaults: nm_filter_refuses(NM_CALL_USERFAULTFD)
    }
  }

  /// Why a call is not to be had, as a phrase.
  public static func reason(_ call: Call) -> String {
    "a system-call filter (seccomp), as containers have, refuses \(call.rawValue)"
  }

  /// What the user can do, as a sentence.
  public static func advice(_ calls: [Call]) -> String {
    "Start the container with a filter that lets \(calls.map(\.rawValue).joined(separator: ", ")) through (docker, podman: "
      + "--security-opt seccomp=FILE, or unconfined); no sysctl changes it."
  }
}
