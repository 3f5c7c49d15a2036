import LinuxSystem
import SystemPackage

/// Why the kernel refuses to open a perf event, by errno (`perf_event_open(2)`).
public struct PerfRefusal: Equatable, Sendable {
  /// The errno of `perf_event_open`.
  public let errno: Errno

  /// Whether it was no answer of the kernel's perf events, but a system-call filter's.
  public let isFiltered: Bool

  public init(_ errno: Errno) {
    self.init(errno, isFiltered: SystemCallFilter.refuses(.perfEvents))
  }

  init(_ errno: Errno, isFiltered: Bool) {
    self.errno = errno
    self.isFiltered = isFiltered && [.permissionDenied, .notPermitted, .noFunction].contains(errno)
  }

  /// What the errno means here, as a phrase.
  public var meaning: String {
    if isFiltered { return SystemCallFilter.reason(.perfEvents) }
    return switch errno {
    case .noSuchFileOrDirectory, .notSupported, .noSuchAddressOrDevice, .operationNotSupportedByDevice:
      "the processor offers no hardware counters to this host, as in a virtual machine without a virtual PMU"
    case .permissionDenied, .notPermitted: "this process may not count that (kernel.perf_event_paranoid)"
    case .resourceBusy: "another user holds the counters, often the kernel's hard-lockup watchdog"
    case .noFunction: "the kernel was built without perf events"
    case .tooManyOpenFiles: "this process has too many files open"
    case .invalidArgument: "the processor or the kernel does not know this event"
    default: "\(errno)"
    }
  }

  /// What the user can do, as a sentence; nil where there is nothing to do.
  public var advice: String? {
    if isFiltered { return SystemCallFilter.advice([.perfEvents]) }
    return switch errno {
    case .noSuchFileOrDirectory, .notSupported, .noSuchAddressOrDevice, .operationNotSupportedByDevice:
      "Enable the virtual PMU in the hypervisor below, or measure on the metal; software events need none."
    case .permissionDenied, .notPermitted:
      "Allow it: sudo sysctl kernel.perf_event_paranoid=1, or grant CAP_PERFMON."
    case .resourceBusy: "Free the counter: sudo sysctl kernel.nmi_watchdog=0."
    case .tooManyOpenFiles: "Raise the limit: ulimit -n 4096."
    default: nil
    }
  }
}
