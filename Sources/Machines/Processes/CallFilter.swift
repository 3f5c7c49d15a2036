import CLinux
import CSeccomp
import LinuxSystem
import SystemPackage

/// The system calls that a session needs once everything is open, as a filter (seccomp(2)); made by libseccomp once a program. A call
/// that is not among them ends the process.
///
/// A call is admitted whatever its arguments, but for files, which may be opened to be read alone: the kernel then decides by a bitmap,
/// without running the filter (Linux 5.11). What is left is the kernel's longer way into every call of a filtered process, whatever
/// the filter says; `nearmetal-benchmarks sessions` shows how long it is.
enum CallFilter {
  static let admitted = [
    // The guest, its devices and their threads.
    "ioctl", "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2", "pwritev2",
    "io_uring_enter", "io_uring_register", "fsync", "fdatasync", "fallocate", "ftruncate", "lseek", "sendto",
    "recvfrom", "sendmsg", "recvmsg",
    "poll", "ppoll", "epoll_create1", "epoll_wait", "epoll_pwait",
    "epoll_ctl", "futex", "tgkill", "getpid", "gettid", "sched_yield",
    "nanosleep", "clock_nanosleep", "clock_gettime", "gettimeofday", "restart_syscall", "rt_sigreturn",
    "rt_sigprocmask",
    "rt_sigaction", "rt_sigtimedwait", "sigaltstack",
    // Memory, and where it is.
    "mmap", "munmap", "mprotect", "mremap", "madvise", "brk", "membarrier", "get_mempolicy", "set_mempolicy",
    "move_pages",
    // Threads, and what they used.
    "clone", "clone3", "set_robust_list", "rseq", "prctl", "sched_setaffinity", "sched_getaffinity", "getrusage",
    "exit",
    "exit_group",
    // What the kernel says of them, and what was open before.
    "fstat", "newfstatat", "statx", "getdents64", "readlink", "readlinkat", "access", "faccessat", "faccessat2",
    "close",
    // The end of a process that the session itself started, by the descriptor that it has of it.
    "pidfd_send_signal", "waitid",
    "fcntl", "getrandom", "eventfd2", "uname",
  ]

  /// The filter's instructions, eight bytes each.
  static let program: Result<[UInt8], SystemError> = Result { () throws(SystemError) in try make() }

  /// A call's name, by its number.
  static func name(_ number: Int) -> String {
    let name = unsafe seccomp_syscall_resolve_num_arch(seccomp_arch_native(), Int32(truncatingIfNeeded: number))
    defer { unsafe free(name) }
    return unsafe name.map { unsafe String(cString: $0) } ?? "number \(number)"
  }

  private static func make() throws(SystemError) -> [UInt8] {
    let maker = try FilterMaker(otherwise: nm_filter_trap)
    for name in admitted { try maker.add(nm_filter_allow, name) }
    let writing = UInt64(O_ACCMODE | O_CREAT | O_TRUNC)
    try maker.add(nm_filter_allow, "openat", when: nm_masked_equal(2, writing, 0))
    try maker.add(nm_filter_allow, "open", when: nm_masked_equal(1, writing, 0))
    return try maker.program()
  }
}
