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
    guard let context = unsafe seccomp_init(nm_filter_trap) else {
      throw SystemError("make a filter of system calls", .noMemory)
    }
    defer { unsafe seccomp_release(context) }
    for name in admitted { try unsafe admit(name, nil, context) }
    var readOnly = nm_masked_equal(2, UInt64(O_ACCMODE | O_CREAT | O_TRUNC), 0)
    try unsafe admit("openat", &readOnly, context)
    readOnly = nm_masked_equal(1, UInt64(O_ACCMODE | O_CREAT | O_TRUNC), 0)
    try unsafe admit("open", &readOnly, context)
    let file = try UnnamedFile.inMemory()
    try unsafe check(seccomp_export_bpf(context, file.rawValue), "write the filter of system calls")
    do throws(Errno) {
      _ = try systemCall { lseek(file.rawValue, 0, SEEK_SET) }
      return try file.readAll(limit: 1 << 20)
    } catch { throw SystemError("read the filter of system calls", error) }
  }

  private static func admit(
    _ name: String, _ condition: UnsafeMutablePointer<scmp_arg_cmp>?, _ context: scmp_filter_ctx
  ) throws(SystemError) {
    let number = unsafe seccomp_syscall_resolve_name(name)
    // A call that this version of the library does not know cannot be called under its filter either.
    guard number >= 0 else { return }
    try unsafe check(
      seccomp_rule_add_array(context, nm_filter_allow, number, condition == nil ? 0 : 1, condition),
      "admit the system call \(name)")
  }

  private static func check(_ code: Int32, _ operation: String) throws(SystemError) {
    guard code == 0 else { throw SystemError(operation, Errno(rawValue: -code)) }
  }
}
