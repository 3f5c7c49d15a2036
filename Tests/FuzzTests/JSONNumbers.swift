import Foundation

/// A JSON text with one of its numbers replaced: each kind of number once, as the path to it says without its indices.
struct JSONNumbers {
  private let root: Any
  /// The path to the first number of each kind.
  let places: [[Step]]

  enum Step: Hashable {
    case field(String)
    case element(Int)
  }

  init(_ bytes: [UInt8]) throws {
    root = try JSONSerialization.jsonObject(with: Data(bytes))
    var found: [[Step]] = []
    var kinds: Set<[Step]> = []
    func walk(_ value: Any, _ path: [Step]) {
      if let fields = value as? [String: Any] {
        for key in fields.keys.sorted() { walk(fields[key] as Any, path + [.field(key)]) }
      } else if let elements = value as? [Any] {
        for (index, element) in elements.enumerated() { walk(element, path + [.element(index)]) }
      } else if let number = value as? NSNumber, !(value is Bool && "\(number)".count > 1) {
        let kind = path.map { step in if case .element = step { Step.element(0) } else { step } }
        if kinds.insert(kind).inserted { found.append(path) }
      }
    }
    walk(root, [])
    places = found
  }

  /// The text with another number in some places.
  /// - Parameter literal: as JSON has it.
  func replacing(_ places: [[Step]], by literal: String) throws -> [UInt8] {
    let mark = "\u{1}number\u{1}"
    let replaced = places.reduce(root) { Self.put(mark, at: $1[...], in: $0) }
    let text = String(decoding: try JSONSerialization.data(withJSONObject: replaced), as: UTF8.self)
    return Array(text.replacingOccurrences(of: "\"\\u0001number\\u0001\"", with: literal).utf8)
  }

  private static func put(_ mark: String, at path: ArraySlice<Step>, in value: Any) -> Any {
    switch path.first {
    case .field(let key)?:
      guard var fields = value as? [String: Any] else { return value }
      fields[key] = put(mark, at: path.dropFirst(), in: fields[key] as Any)
      return fields
    case .element(let index)?:
      guard var elements = value as? [Any] else { return value }
      elements[index] = put(mark, at: path.dropFirst(), in: elements[index])
      return elements
    case nil: return mark
    }
  }
}
