import LinuxSystem
import Probe

/// Why a run could not begin.
public enum RunError: Error, CustomStringConvertible, Sendable {
  case probe(ProbeImageError)
  case kvm(SystemError)
  case placement(String)
  /// An event that nothing here knows.
  case counters(String)
  /// A file that the suite names for its workloads under Linux.
  case guest(String)
  /// A run that cannot go on here and now: what is other than it was.
  case otherRun(String)

  public var description: String {
    switch self {
    case .probe(let error): error.description
    case .kvm(let error): error.description
    case .placement(let reason), .counters(let reason), .guest(let reason), .otherRun(let reason): reason
    }
  }
}
