import Results
import Verdicts

/// What a host must be, do and reach, as it is declared in a YAML file before anything is tried.
public struct Profile: Sendable {
  public var name: String
  /// One sentence.
  public var summary: String
  public var host: [HostRequirement]
  public var checks: [FunctionalCheck]
  /// What is measured; nil where nothing is claimed.
  public var suite: Suite?
  /// What the figures must show.
  public var claims: [Claim]
  /// The file itself, which is kept with the outcome.
  public var bytes: [UInt8]
}

/// A fact that the host must show.
public struct HostRequirement: Sendable, Equatable {
  public var id: String
  /// The requirement as a sentence.
  public var text: String
  public var requirement: ClaimRequirement
  public var fact: HostFact

  public init(id: String, text: String, requirement: ClaimRequirement, fact: HostFact) {
    (self.id, self.text, self.requirement, self.fact) = (id, text, requirement, fact)
  }
}

/// Something that guests must be able to do.
public struct FunctionalCheck: Sendable, Equatable {
  public enum Work: Sendable, Equatable {
    /// Disks that verify what they read, in every mode, while other threads keep processors and memory busy; nanoseconds.
    case integrity(duration: UInt64)
    /// Guests of 1, 2, 4, … processors up to this many; nil for as many as the process may use.
    case processors(limit: Int?)
    /// Guests that together fill this share of the host's memory, each page written and read back; above 0, at most 0.9.
    case memory(share: Double)
    /// A guest that resets itself and is booted again, this many times.
    case reboot(times: Int)
    /// Processor, memory and disk work in fresh guests, again and again; nanoseconds.
    case soak(duration: UInt64)

    /// Whether the check is a run with a result of its own.
    public var isRun: Bool {
      switch self {
      case .integrity, .soak: true
      case .processors, .memory, .reboot: false
      }
    }
  }

  public var id: String
  /// The requirement as a sentence.
  public var text: String
  public var requirement: ClaimRequirement
  public var work: Work
}
