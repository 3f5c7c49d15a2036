import Foundation
import LinuxSystem

/// JSON as every file and every output of this program has it: keys sorted, one newline at the end, the same bytes for the same
/// value. The one place below Reports that needs Foundation, for its coders.
public enum JSONText {
  /// The bytes of a value: fields sorted by name, each in a line of its own where `pretty` says so, and a newline at the end.
  /// - Throws: ``JSONProblem`` for a value that JSON has no word for: an infinite figure, say.
  public static func encode(_ value: some Encodable, pretty: Bool = true) throws(JSONProblem) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    do { return [UInt8](try encoder.encode(value)) + [0x0a] } catch { throw JSONProblem(encoding: error) }
  }

  /// The same value in bytes that a terminal shows and does not act on: control characters and those that turn the direction
  /// of text, which stand in strings alone, become escapes (RFC 8259, section 7). JSON's own line feeds stay.
  public static func escaped(_ bytes: [UInt8]) -> [UInt8] {
    guard let text = String(validating: bytes, as: UTF8.self),
      text.unicodeScalars.contains(where: { $0.isActedOn && $0 != "\n" })
    else { return bytes }
    var escaped = ""
    for scalar in text.unicodeScalars {
      guard scalar.isActedOn, scalar != "\n" else {
        escaped.unicodeScalars.append(scalar)
        continue
      }
      let digits = String(scalar.value, radix: 16)
      escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    return [UInt8](escaped.utf8)
  }

  /// The value of some bytes.
  /// - Throws: ``JSONProblem``: where they are no JSON, or not that of such a value.
  public static func decode<Value: Decodable>(
    _ type: Value.Type = Value.self, from bytes: [UInt8]
  ) throws(JSONProblem) -> Value {
    do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch {
      throw JSONProblem(decoding: error, bytes: bytes)
    }
  }
}

/// Bytes as text (RFC 4648, section 4).
public enum Base64 {
  public static func encode(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }

  /// Nil where the text is none.
  public static func decode(_ text: String) -> [UInt8]? { Data(base64Encoded: text).map { [UInt8]($0) } }
}
