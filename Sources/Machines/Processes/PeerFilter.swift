import CLinux
import CSeccomp
import LinuxSystem

/// What a program is refused that works for a session and has no sandbox of its own: about what QEMU's own refuses, which is processes,
/// privileges and shares of the host, and besides the network, the kernel's parts and a look into other processes. It may do all else;
/// that each of its calls is looked up in a filter makes them as dear as those of all other legs.
enum PeerFilter {
  static let refused = [
    // Processes. Threads are admitted below.
    "fork", "vfork",
    // Privileges, and shares of the host.
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups", "capset",
    "setpriority", "ioprio_set", "sched_setparam", "sched_setscheduler", "sched_setattr", "sched_setaffinity",
    // Other processes.
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "kill", "pidfd_open", "pidfd_getfd", "perf_event_open",
    // The network; its socket is there.
    "socket", "connect", "bind",
    // The kernel, and what is mounted.
    "bpf", "add_key", "request_key", "keyctl", "userfaultfd", "init_module", "finit_module", "delete_module",
    "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct", "settimeofday", "clock_settime", "adjtimex",
    "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_by_handle_at",
  ]

  /// The filter's instructions, eight bytes each.
  static let program: Result<[UInt8], SystemError> = Result { () throws(SystemError) in
    let maker = try FilterMaker(otherwise: nm_filter_allow)
    for name in refused { try maker.add(nm_filter_refuse(UInt16(EPERM)), name) }
    try maker.add(nm_filter_refuse(UInt16(EPERM)), "clone", when: nm_masked_equal(0, thread, 0))
    // Its flags are in memory, where no filter looks; the C library then does without it.
    try maker.add(nm_filter_refuse(UInt16(ENOSYS)), "clone3")
    return try maker.program()
  }

  /// The flag of clone(2) by which it makes a thread.
  private static let thread: UInt64 = 0x10000
}
