import Glibc

/// Settings of a test run.
struct ProcessEnvironment: Sendable {
  func number(_ name: String) -> UInt64? {
    unsafe getenv(name).flatMap { unsafe UInt64(String(cString: $0)) }
  }
}
