import Foundation
import Mustache

/// The templates that the tool carries.
enum Template {
  /// How a template's values are escaped. Mustache's own escaping for HTML works on characters and lets a quote with a
  /// combining mark through, so both kinds are this target's.
  private struct Escaping: MustacheContentType {
    let escape: @Sendable (String) -> String

    func escapeText(_ text: String) -> String { escape(text) }
  }

  /// The templates name their kind in their first line.
  private static let kindsAreRegistered: Bool = {
    MustacheContentTypes.register(Escaping(escape: XMLText.escape), named: "XML-TEXT")
    MustacheContentTypes.register(Escaping(escape: MarkdownText.escape), named: "MARKDOWN-TEXT")
    return true
  }()

  /// Renders a template of the folder Templates.
  static func render(_ name: String, _ view: Any) throws(ReportError) -> String {
    precondition(kindsAreRegistered)
    let text = try text(name)
    do {
      return try MustacheTemplate(string: text).render(view)
    } catch {
      throw failure(name, error)
    }
  }

  /// A file of the folder Templates as it is.
  static func text(_ name: String) throws(ReportError) -> String {
    let file = Bundle.module.bundleURL.appendingPathComponent("Templates").appendingPathComponent(name)
    do {
      return try String(contentsOf: file, encoding: .utf8)
    } catch {
      throw failure(name, error)
    }
  }

  private static func failure(_ name: String, _ error: any Error) -> ReportError {
    .template(name: name, reason: "\(error)".split(whereSeparator: \.isNewline).joined(separator: " "))
  }
}
