import LinuxSystem
import Results

/// The JSON files of a qualification besides results.
package enum JSONFile {
  package static func encode(_ value: some Encodable, pretty: Bool = true) throws(QualificationError) -> [UInt8] {
    do throws(JSONProblem) { return try JSONText.encode(value, pretty: pretty) } catch {
      throw .usage("cannot keep a record: \(error)")
    }
  }

  package static func decode<Value: Decodable>(_ bytes: [UInt8], path: String) throws(QualificationError) -> Value {
    do throws(JSONProblem) { return try JSONText.decode(from: bytes) } catch { throw .usage("\(path): \(error)") }
  }

  package static func read<Value: Decodable>(_ path: String) throws(QualificationError) -> Value {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try AtomicFile.read(path) } catch { throw .file(error) }
    return try decode(bytes, path: path)
  }
}
