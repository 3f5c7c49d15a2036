import LinuxSystem
import Results

/// What of a `result.json` a fleet is judged by. The legs, which are nearly all of it, are not looked at.
struct FleetResult: Decodable {
  struct Run: Decodable {
    var id: String
    var startedAt: String
    var suite: String
    var injection: InjectionRecord?
  }

  var run: Run
  var host: HostRecord
  var comparisons: [ComparisonRecord]
  var summaries: [SummaryRecord]

  /// - Throws: ``ResultReadError`` as ``ResultStore/decode(_:path:)`` does for what is read of it.
  static func decode(_ bytes: [UInt8], path: String) throws(ResultReadError) -> FleetResult {
    struct Head: Decodable {
      var schema: String
    }
    let short = withoutLegs(bytes)
    let (schema, result): (String, FleetResult?)
    do throws(JSONProblem) {
      schema = try JSONText.decode(Head.self, from: short).schema
      result = schema == RunResult.currentSchema ? try JSONText.decode(from: short) : nil
    } catch { throw .malformed(path: path, place: error.place, expected: error.expected) }
    guard let result else { throw .wrongSchema(path: path, found: schema.oneLine) }
    return result
  }

  /// The same text with an empty list in place of the outermost object's `legs`. A text that is cut short, or none, stays as it is.
  static func withoutLegs(_ bytes: [UInt8]) -> [UInt8] {
    let name = [UInt8]("\"legs\"".utf8)
    var (depth, isText, begin) = (0, false, -1)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if isText {
        if byte == UInt8(ascii: "\\") { index += 1 } else if byte == UInt8(ascii: "\"") { isText = false }
      } else {
        switch byte {
        case UInt8(ascii: "\""):
          if depth == 1, begin < 0, bytes[index...].starts(with: name) { begin = index + name.count }
          isText = true
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          depth -= 1
          if depth == 1, begin >= 0 { return bytes[..<begin] + [UInt8](":[]".utf8) + bytes[(index + 1)...] }
        default: break
        }
      }
      index += 1
    }
    return bytes
  }
}
