import LinuxSystem

/// Why an emulated host did not do what it was to do, in one line.
public enum EmulatedHostError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Something that it needs is not installed, cannot be fetched, or is not in the kernel.
  case unavailable(String)
  /// What was asked for makes no sense: a kernel that is none, say.
  case usage(String)
  /// The host or its command did not come to an end.
  case incomplete(String)
  case interrupted

  public var description: String {
    switch self {
    case .unavailable(let why), .usage(let why), .incomplete(let why): why
    case .interrupted: "the emulated host was stopped"
    }
  }
}
