import LinuxSystem
import Results

/// What of a `result.json` a fleet is judged by. Of the legs, which are nearly all of it, only what they computed and why they failed is
/// looked at.
struct FleetResult: Decodable {
  struct Run: Decodable {
    var id: String
    var startedAt: String
    var suite: String
    var tool: ToolRecord
    var injection: InjectionRecord?
  }

  var run: Run
  var host: HostRecord
  var comparisons: [ComparisonRecord]
  var summaries: [SummaryRecord]
  /// What the legs computed, each once.
  private(set) var answers: [AnswerRecord] = []
  /// Why legs failed or were skipped, each reason once.
  private(set) var reasons: [String] = []

  private enum CodingKeys: String, CodingKey {
    case run, host, comparisons, summaries
  }

  /// - Throws: ``DocumentReadError`` as ``ResultStore/decode(_:path:)`` does for what is read of it.
  static func decode(_ bytes: [UInt8], path: String) throws(DocumentReadError) -> FleetResult {
    let text = FleetResultText(bytes)
    return try SchemaDocument.decode(text.rest, path: path, schema: RunResult.currentSchema) {
      () throws(JSONProblem) in
      var result: FleetResult = try JSONText.decode(from: text.rest)
      let answers: [AnswerRecord] = try JSONText.decode(from: FleetResultText.list(text.answers))
      let reasons: [String] = try JSONText.decode(from: FleetResultText.list(text.reasons))
      result.answers = answers.distinct
      result.reasons = reasons.distinct
      return result
    }
  }
}

extension Array where Element: Hashable {
  /// Each element once, where it came first.
  fileprivate var distinct: [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

/// The text of a result taken apart without being understood: megabytes of legs are passed over in one go.
struct FleetResultText {
  /// The same with an empty list in place of the outermost object's `legs`. A text that is cut short, or none, stays as it is.
  private(set) var rest: [UInt8]
  /// The values of the legs' `answer` and `reason`, as they stand there.
  private(set) var answers: [ArraySlice<UInt8>] = []
  private(set) var reasons: [ArraySlice<UInt8>] = []

  private static let legs = [UInt8]("\"legs\"".utf8)
  private static let answer = [UInt8]("\"answer\"".utf8)
  private static let reason = [UInt8]("\"reason\"".utf8)
  /// Where the fields of the result stand, and those of a leg.
  private static let (resultDepth, legDepth) = (1, 3)

  init(_ bytes: [UInt8]) {
    var (depth, begin) = (0, -1)
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        let end = Self.endOfText(bytes, index)
        if depth == Self.resultDepth, begin < 0, Self.isField(bytes, index, end, Self.legs) {
          begin = end
        } else if depth == Self.legDepth, begin >= 0 {
          if Self.isField(bytes, index, end, Self.answer) {
            answers += Self.value(bytes, behind: end).map { [bytes[$0]] } ?? []
          } else if Self.isField(bytes, index, end, Self.reason) {
            reasons += Self.value(bytes, behind: end).map { [bytes[$0]] } ?? []
          }
        }
        index = end
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        if depth == Self.resultDepth, begin >= 0 {
          rest = bytes[..<begin] + [UInt8](":[]".utf8) + bytes[(index + 1)...]
          return
        }
      default: break
      }
      index += 1
    }
    // Whoever reads it says what is wrong with it.
    (rest, answers, reasons) = (bytes, [], [])
  }

  /// Values as a list of them.
  static func list(_ values: [ArraySlice<UInt8>]) -> [UInt8] {
    [UInt8(ascii: "[")] + values.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
  }

  /// Behind the closing mark of the text that begins at an index, or behind all.
  private static func endOfText(_ bytes: [UInt8], _ start: Int) -> Int {
    var index = start + 1
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\\"): index += 2
      case UInt8(ascii: "\""): return index + 1
      default: index += 1
      }
    }
    return bytes.count
  }

  /// Whether a text is the name of this field, and no value.
  private static func isField(_ bytes: [UInt8], _ start: Int, _ end: Int, _ name: [UInt8]) -> Bool {
    guard end - start == name.count, bytes[start..<end].elementsEqual(name) else { return false }
    return bytes[end...].first { !isSpace($0) } == UInt8(ascii: ":")
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

  /// Where the value of the field is whose name ends there: an object or a text; nil where it is neither.
  private static func value(_ bytes: [UInt8], behind name: Int) -> Range<Int>? {
    guard let start = bytes[name...].firstIndex(where: { !isSpace($0) && $0 != UInt8(ascii: ":") }) else { return nil }
    if bytes[start] == UInt8(ascii: "\"") { return start..<endOfText(bytes, start) }
    guard bytes[start] == UInt8(ascii: "{") else { return nil }
    var (index, depth) = (start, 0)
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        index = endOfText(bytes, index)
        continue
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"):
        depth -= 1
        if depth == 0 { return start..<index + 1 }
      default: break
      }
      index += 1
    }
    return nil
  }
}
