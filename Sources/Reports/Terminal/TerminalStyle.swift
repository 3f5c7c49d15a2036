/// What a terminal, or whatever stands in its place, can show.
public struct TerminalStyle: Sendable, Equatable {
  /// The widest that lines are made, in columns.
  public static let mostColumns = 100
  /// What a line needs to say anything.
  private static let leastColumns = 60

  /// Columns of a line.
  public var columns: Int
  /// Whether characters beyond ASCII are shown.
  public var isUnicode: Bool
  /// Whether colours are shown (ECMA-48, select graphic rendition).
  public var isColoured: Bool

  public init(columns: Int = TerminalStyle.mostColumns, isUnicode: Bool = true, isColoured: Bool = false) {
    self.columns = min(Self.mostColumns, max(Self.leastColumns, columns))
    self.isUnicode = isUnicode
    self.isColoured = isColoured
  }

  /// By the environment: the locale as POSIX has it (`LC_ALL` before `LC_CTYPE` before `LANG`), and colours on terminals alone, unless
  /// `NO_COLOR` (https://no-color.org) or `CLICOLOR_FORCE` (https://bixense.com/clicolors) say otherwise.
  /// - Parameters:
  ///   - environment: variables by name; an empty one counts as absent.
  ///   - columns: of the terminal; nil where there is none.
  public init(environment: [String: String], columns: Int?) {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let locale = (value("LC_ALL") ?? value("LC_CTYPE") ?? value("LANG") ?? "").lowercased()
    let isForced = value("CLICOLOR_FORCE").map { $0 != "0" } ?? false
    let isWanted = columns != nil && value("CLICOLOR") != "0" && value("TERM") != "dumb"
    self.init(
      columns: columns ?? Self.mostColumns, isUnicode: locale.contains("utf-8") || locale.contains("utf8"),
      isColoured: value("NO_COLOR") == nil && (isForced || isWanted))
  }
}
