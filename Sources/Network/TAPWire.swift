import LinuxSystem

/// A TAP interface for another program, a peer monitor, with the far end on a thread of its own that sleeps while there is nothing
/// to do.
public final class TAPWire: Sendable {
  /// The TAP's descriptor: for the other program to inherit.
  public var descriptor: Int32 { parts.near.rawValue }
  private let parts: Wire.Parts
  private let farEnd: FarEndThread

  /// - Parameter cpu: of the far end.
  /// - Throws: `SystemError` where this process may not, saying which capability it lacks.
  public init(cpu: Int?) throws(SystemError) {
    parts = try Wire.tap()
    farEnd = try FarEndThread(FarSocket(parts.far.duplicate()), cpu: cpu)
  }
}
