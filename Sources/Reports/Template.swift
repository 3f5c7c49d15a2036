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
  static func render(_ name: String, _ view: ReportView) throws(ReportError) -> String {
    precondition(kindsAreRegistered)
    let file = Bundle.module.bundleURL.appendingPathComponent("Templates").appendingPathComponent(name)
    do {
      let text = try String(contentsOf: file, encoding: .utf8)
      return try MustacheTemplate(string: text).render(view)
    } catch {
      throw .template(name: name, reason: "\(error)".split(whereSeparator: \.isNewline).joined(separator: " "))
    }
  }
}
