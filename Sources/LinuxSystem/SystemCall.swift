import CLinux
import SystemPackage

/// Makes a system call, again for as long as a signal interrupts it. Blocks as the call does.
///
/// The only place that has to know when errno is good: it is read right after the call, before anything else can change it.
/// - Parameter call: returns a negative value and sets errno where it fails, as the C library's wrappers do.
/// - Throws: the call's errno, never EINTR.
@inlinable
public func systemCall<Value: SignedInteger>(_ call: () -> Value) throws(Errno) -> Value {
  while true {
    let result = call()
    if result >= 0 { return result }
    let code = nm_errno()
    if code != EINTR { throw Errno(rawValue: code) }
  }
}

/// Makes a system call, as ``systemCall(_:)`` does, and says what it was for where it fails.
/// - Parameters:
///   - operation: what is attempted, as a phrase with its object: "open /dev/kvm".
///   - advice: what the user can do about an errno.
///   - call: makes the call, and returns a negative value where it failed and set `errno`.
@inlinable @discardableResult
public func systemCall<Value: SignedInteger>(
  _ operation: @autoclosure () -> String, advice: (Errno) -> String? = { _ in nil }, _ call: () -> Value
) throws(SystemError) -> Value {
  do throws(Errno) { return try systemCall(call) } catch {
    throw SystemError(operation(), error, advice: advice(error))
  }
}
