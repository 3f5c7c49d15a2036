/// An image in scalable vector graphics (SVG 2), inline in a page. The page's style gives the colours, by class; an image
/// holds no colour, no font and no address. Where the style does not apply, as under a content security policy of whoever serves the page,
/// attributes keep sizes and lines: a style that applies takes precedence over them (SVG 2 §6.6).
struct SVG {
  /// Width and height in user units, which are CSS pixels where the image is shown in its own size.
  let width: Double
  let height: Double
  private var body = ""

  /// Where a text of a class stands, without a style.
  static func anchor(_ style: String) -> String {
    let words = style.split(separator: " ")
    return words.contains("middle") ? " text-anchor=\"middle\"" : words.contains("end") ? " text-anchor=\"end\"" : ""
  }

  /// A line's look without a style.
  static let stroke = "fill=\"none\" stroke=\"currentColor\""

  init(width: Double, height: Double) {
    self.width = width
    self.height = height
  }

  mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
    body +=
      "<path class=\"\(style)\" \(Self.stroke) d=\"M\(Self.number(x1)) \(Self.number(y1))L\(Self.number(x2)) \(Self.number(y2))\"/>"
  }

  /// A line through points, at least one.
  mutating func polyline(_ points: [(x: Double, y: Double)], _ style: String) {
    body += "<path class=\"\(style)\" \(Self.stroke) d=\"\(Self.path(points))\"/>"
  }

  /// A closed area.
  mutating func polygon(_ points: [(x: Double, y: Double)], _ style: String) {
    body += "<path class=\"\(style)\" fill-opacity=\".16\" d=\"\(Self.path(points))z\"/>"
  }

  mutating func rectangle(_ x: Double, _ y: Double, width: Double, height: Double, _ style: String, title: String = "")
  {
    let head =
      "<rect class=\"\(style)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(max(0, width)))\" "
      + "height=\"\(Self.number(max(0, height)))\""
    body += title.isEmpty ? "\(head)/>" : "\(head)><title>\(XMLText.escape(title))</title></rect>"
  }

  mutating func text(_ text: String, _ x: Double, _ y: Double, _ style: String = "") {
    let kind = style.isEmpty ? "" : " class=\"\(style)\"\(Self.anchor(style))"
    body += "<text\(kind) x=\"\(Self.number(x))\" y=\"\(Self.number(y))\">\(XMLText.escape(text))</text>"
  }

  /// A data point.
  mutating func mark(_ mark: Mark, _ x: Double, _ y: Double, title: String) {
    body +=
      "<path class=\"\(mark.style)\" d=\"\(mark.outline)\" transform=\"translate(\(Self.number(x)) \(Self.number(y)))\">"
      + "<title>\(XMLText.escape(title))</title></path>"
  }

  /// The image as an element with a name and a description for those who do not see it.
  ///
  /// - Parameter id: unique in the page; a name of letters, digits and hyphens.
  func element(id: String, title: String, description: String) -> String {
    """
    <svg class="plot" width="\(Self.number(width))" height="\(Self.number(height))" viewBox="0 0 \(Self.number(width)) \(Self.number(height))" role="img" \
    aria-labelledby="\(id)-t \(id)-d"><title id="\(id)-t">\(XMLText.escape(title))</title>\
    <desc id="\(id)-d">\(XMLText.escape(description))</desc>\(body)</svg>
    """
  }

  private static func path(_ points: [(x: Double, y: Double)]) -> String {
    var text = ""
    for (index, point) in points.enumerated() {
      text += "\(index == 0 ? "M" : "L")\(number(point.x)) \(number(point.y))"
    }
    return text
  }

  /// Tenths are finer than any screen shows. What is not finite has no place and stands at 0.
  static func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let tenths = Int((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let (whole, part) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    return part == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(part)"
  }
}
