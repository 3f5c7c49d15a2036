import Foundation
import Results

/// The JSON files of a qualification besides results: keys sorted, one newline at the end.
package enum JSONFile {
  package static func encode(_ value: some Encodable, pretty: Bool = true) throws(QualificationError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
    do { return [UInt8](try encoder.encode(value)) + [0x0a] } catch {
      throw .usage("cannot keep a record: \(oneLine("\(error)"))")
    }
  }

  package static func decode<Value: Decodable>(_ bytes: [UInt8], path: String) throws(QualificationError) -> Value {
    do { return try JSONDecoder().decode(Value.self, from: Data(bytes)) } catch let error as DecodingError {
      throw .usage("\(path): \(problem(error))")
    } catch { throw .usage("\(path): \(oneLine("\(error)"))") }
  }

  package static func read<Value: Decodable>(_ path: String) throws(QualificationError) -> Value {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path) } catch { throw .file(error) }
    return try decode(bytes, path: path)
  }

  private static func problem(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? "top level" : path
    }
    return switch error {
    case .keyNotFound(let key, let context): "\(place(context)): expected the field \"\(key.stringValue)\""
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      "\(place(context)): \(oneLine(context.debugDescription))"
    @unknown default: oneLine("\(error)")
    }
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
