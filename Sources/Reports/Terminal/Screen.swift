import Foundation
import LinuxSystem

/// Text for a terminal: lines of spans, each with a role. What is shown of it depends on the terminal alone: its width, its characters,
/// its colours. Text may be a stranger's: what a terminal would act on does not get through.
public struct Screen: Sendable {
  /// What a span means, and so its colour.
  public enum Role: Sendable {
    case plain, strong, good, bad, doubtful, faint

    /// Parameters of select graphic rendition (ECMA-48 §8.3.117); nil for the terminal's own.
    fileprivate var rendition: String? {
      switch self {
      case .plain: nil
      case .strong: "1"
      case .good: "32"
      case .bad: "1;31"
      case .doubtful: "33"
      case .faint: "2"
      }
    }
  }

  public struct Span: Sendable {
    let text: String
    let role: Role

    public init(_ text: String, _ role: Role = .plain) {
      self.text = TextColumns.clean(text)
      self.role = role
    }

    /// A cell of a column: blanks fill it, and what is longer is cut.
    public init(_ text: String, _ role: Role = .plain, width: Int) {
      let clean = TextColumns.clean(text)
      let cut = clean.count > width ? clean.prefix(max(0, width - 1)) + "…" : clean[...]
      self.text = cut + String(repeating: " ", count: max(0, width - cut.count))
      self.role = role
    }
  }

  private enum Line: Sendable {
    case spans([Span])
    /// Words that are set on as many lines as they need, those after the first indented.
    case paragraph([Span], indent: Int)
  }

  private var lines: [Line] = []

  /// Whether there is no line.
  public var isEmpty: Bool { lines.isEmpty }

  public init() {}

  /// Lines as they are.
  public init(text: String) { add(text: text) }

  /// One line; what is wider than the terminal is cut.
  public mutating func line(_ spans: Span...) { lines.append(.spans(spans)) }

  /// The same.
  public mutating func line(spans: [Span]) { lines.append(.spans(spans)) }

  /// One line of a text.
  public mutating func line(_ text: String, _ role: Role = .plain) { lines.append(.spans([Span(text, role)])) }

  /// A text on as many lines as it needs.
  public mutating func paragraph(_ text: String, _ role: Role = .plain, indent: Int = 2) {
    lines.append(.paragraph([Span(text, role)], indent: indent))
  }

  /// An empty line, unless the last one is empty or there is none.
  public mutating func gap() {
    guard let last = lines.last else { return }
    if case .spans(let spans) = last, spans.isEmpty { return }
    lines.append(.spans([]))
  }

  /// Every line of a text.
  public mutating func add(text: String) {
    var parts = text.split(separator: "\n", omittingEmptySubsequences: false)
    if parts.last == "" { parts.removeLast() }
    for part in parts { if part.isEmpty { gap() } else { line(String(part)) } }
  }

  /// Every line of another screen.
  public mutating func add(_ other: Screen) { lines += other.lines }

  /// The text, each line with its newline.
  /// - Parameters:
  ///   - style: the columns, characters and colours that the terminal has.
  ///   - clips: whether lines end at the terminal's edge; else they are as long as they are.
  public func text(_ style: TerminalStyle, clips: Bool = true) -> String {
    let width = clips ? style.columns : Int.max
    return lines.flatMap { line -> [[Span]] in
      switch line {
      case .spans(let spans): [spans]
      case .paragraph(let spans, let indent): Self.wrapped(spans, indent: indent, width: width)
      }
    }.map { Self.rendered(Self.trimmed($0), style, width) + "\n" }.joined()
  }

  private static func wrapped(_ spans: [Span], indent: Int, width: Int) -> [[Span]] {
    guard let first = spans.first else { return [[]] }
    var lines: [String] = []
    var line = String(first.text.prefix { $0 == " " })
    var isBegun = false
    for word in first.text.split(separator: " ") {
      if isBegun, line.count + 1 + word.count > width {
        lines.append(line)
        line = String(repeating: " ", count: indent) + word
      } else {
        line += (isBegun ? " " : "") + word
      }
      isBegun = true
    }
    return (lines + [line]).map { [Span($0, first.role)] }
  }

  /// Without the blanks at its end.
  private static func trimmed(_ spans: [Span]) -> [Span] {
    var spans = spans
    while let last = spans.popLast() {
      let text = last.text.lastIndex { $0 != " " }.map { String(last.text[...$0]) } ?? ""
      if !text.isEmpty { return spans + [Span(text, last.role)] }
    }
    return []
  }

  private static func rendered(_ spans: [Span], _ style: TerminalStyle, _ width: Int) -> String {
    var room = width
    let isCut = spans.reduce(0) { $0 + $1.text.count } > width
    var line = ""
    for span in spans {
      guard room > 0 else { break }
      var text = span.text
      if isCut, text.count >= room { text = text.prefix(room - 1) + "…" }
      room -= text.count
      if !style.isUnicode { text = ASCIIText.of(text) }
      if style.isColoured, let rendition = span.role.rendition { text = "\u{1b}[\(rendition)m\(text)\u{1b}[0m" }
      line += text
    }
    return line
  }
}
