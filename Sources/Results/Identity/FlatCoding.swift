// Records keep their identity flat: the fields of `Path` and `Workload` stand in one JSON object with their own. The compiler
// cannot derive that, so such a record codes itself, with a word for each field.

extension KeyedDecodingContainer {
  /// A field that must be there.
  package func value<Value: Decodable>(_ key: Key) throws -> Value { try decode(Value.self, forKey: key) }

  /// A field that may be absent.
  package func optional<Value: Decodable>(_ key: Key) throws -> Value? { try decodeIfPresent(Value.self, forKey: key) }
}
