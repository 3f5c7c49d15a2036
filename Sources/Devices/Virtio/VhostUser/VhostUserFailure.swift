/// Why a back end cannot serve a device, or no longer: a phrase. It is not to be asked anything else then.
public struct VhostUserFailure: Error, Hashable, Sendable, CustomStringConvertible {
  public let reason: String

  init(_ reason: String) { self.reason = reason }

  public var description: String { reason }
}
