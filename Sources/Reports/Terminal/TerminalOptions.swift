/// What of a result a terminal is to show, and where the result is.
public struct TerminalOptions: Sendable {
  public var style: TerminalStyle
  /// Every metric.
  public var showsAll: Bool
  /// Whole sentences, and lines as long as they are.
  public var isWide: Bool
  /// The directory of the result, for what to do next; nil where that is not known.
  public var directory: String?
  /// How this program is called: `nearmetal`, `ci/nearmetal`.
  public var command: String

  public init(
    style: TerminalStyle = TerminalStyle(), showsAll: Bool = false, isWide: Bool = false, directory: String? = nil,
    command: String = "nearmetal"
  ) {
    self.style = style
    self.showsAll = showsAll
    self.isWide = isWide
    self.directory = directory
    self.command = command
  }

  /// A screen as its text.
  public func text(_ screen: Screen) -> String { screen.text(style, clips: !isWide && !showsAll) }
}
