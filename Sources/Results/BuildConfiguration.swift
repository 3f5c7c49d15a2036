/// How the tool was compiled. Figures of a debug build say nothing about a host.
public enum BuildConfiguration: String, Codable, Sendable, CaseIterable {
  case debug, release

  /// The configuration of the code that asks.
  public static var current: BuildConfiguration {
    #if DEBUG
      return .debug
    #else
      return .release
    #endif
  }
}
