import CLinux
import CSeccomp
import LinuxSystem
import SystemPackage

/// A filter of system calls in the making (libseccomp).
@safe struct FilterMaker: ~Copyable {
  private let context: scmp_filter_ctx

  /// - Parameter action: what is done with a call that no rule names.
  init(otherwise action: UInt32) throws(SystemError) {
    guard let made = unsafe seccomp_init(action) else { throw SystemError("make a filter of system calls", .noMemory) }
    unsafe context = made
  }

  deinit { unsafe seccomp_release(context) }

  /// Adds a rule.
  /// - Parameter condition: on an argument; nil for every call of the name.
  borrowing func add(_ action: UInt32, _ name: String, when condition: scmp_arg_cmp? = nil) throws(SystemError) {
    let number = unsafe seccomp_syscall_resolve_name(name)
    // A call that this version of the library does not know cannot be called under its filter either.
    guard number >= 0 else { return }
    let code: Int32
    if var condition {
      code = unsafe seccomp_rule_add_array(context, action, number, 1, &condition)
    } else {
      code = unsafe seccomp_rule_add_array(context, action, number, 0, nil)
    }
    try Self.check(code, "add the system call \(name) to a filter")
  }

  /// The filter's instructions, eight bytes each.
  borrowing func program() throws(SystemError) -> [UInt8] {
    let file = try UnnamedFile.inMemory()
    try unsafe Self.check(seccomp_export_bpf(context, file.rawValue), "write the filter of system calls")
    do throws(Errno) {
      _ = try systemCall { lseek(file.rawValue, 0, SEEK_SET) }
      return try file.readAll(limit: 1 << 20)
    } catch { throw SystemError("read the filter of system calls", error) }
  }

  private static func check(_ code: Int32, _ operation: String) throws(SystemError) {
    guard code == 0 else { throw SystemError(operation, Errno(rawValue: -code)) }
  }
}
