import CLinux
import LinuxSystem
import SystemPackage

/// The one place where a request leaves for KVM: never inlined, so that errno is read right after the call.
enum Request {
  /// A request whose argument is a number. Returns the kernel's answer.
  @inline(never) @discardableResult
  static func value(
    _ fd: Int32, _ code: UInt, _ argument: UInt, _ operation: String
  ) throws(SystemError) -> Int32 {
    while true {
      let answer = nm_ioctl_value(fd, code, argument)
      if answer >= 0 { return answer }
      let code = nm_errno()
      if code != EINTR { throw SystemError(operation, Errno(rawValue: code)) }
    }
  }

  /// A request whose argument is a structure, read and perhaps written by the kernel.
  @inline(never) @discardableResult
  static func structure<T>(
    _ fd: Int32, _ code: UInt, _ argument: inout T, _ operation: String
  ) throws(SystemError) -> Int32 {
    while true {
      let answer = unsafe withUnsafeMutablePointer(to: &argument) { unsafe nm_ioctl_pointer(fd, code, $0) }
      if answer >= 0 { return answer }
      let code = nm_errno()
      if code != EINTR { throw SystemError(operation, Errno(rawValue: code)) }
    }
  }

  /// A request whose argument is raw memory: a structure that ends in a flexible array.
  @inline(never) @discardableResult
  static func raw(
    _ fd: Int32, _ code: UInt, _ argument: UnsafeMutableRawPointer, _ operation: String
  ) throws(SystemError) -> Int32 {
    while true {
      let answer = unsafe nm_ioctl_pointer(fd, code, argument)
      if answer >= 0 { return answer }
      let code = nm_errno()
      if code != EINTR { throw SystemError(operation, Errno(rawValue: code)) }
    }
  }
}
