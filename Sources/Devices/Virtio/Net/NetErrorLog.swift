import Synchronization
import SystemPackage

/// The first error of a device's wire, for the leg's reason.
final class NetErrorLog: Sendable {
  private let text = Mutex<String?>(nil)

  var first: String? { text.withLock { $0 } }

  func note(_ what: String, _ errno: Int32) {
    text.withLock { if $0 == nil { $0 = "\(what): \(Errno(rawValue: errno))" } }
  }
}
