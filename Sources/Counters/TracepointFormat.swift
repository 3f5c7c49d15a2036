import LinuxSystem
import Topology

/// What tracefs says of a tracepoint: its number for perf, and the fields that a filter may name.
public struct TracepointFormat: Equatable, Sendable {
  /// "kvm:kvm_exit".
  public let name: String
  /// perf's configuration of the event, which differs from boot to boot.
  public let id: UInt64
  /// Names of its fields, common ones left out.
  public let fields: [String]

  /// Reads the text of a `format` file (Documentation/trace/events.rst, "Event formats").
  public init(name: String, text: String) throws(Unavailable) {
    var id: UInt64?
    var fields: [String] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("ID:") {
        id = UInt64(line.dropFirst(3).filter { $0 != " " })
      } else if line.hasPrefix("\tfield:"), let end = line.firstIndex(of: ";") {
        // "field:__u8 insn[15];": the name is the last word, less the length of an array.
        let word = line[..<end].split(separator: " ").last ?? ""
        let field = String(word.prefix { $0 != "[" })
        if !field.hasPrefix("common_") { fields.append(field) }
      }
    }
    guard let id else { throw Unavailable("the format of \(name) has no number") }
    (self.name, self.id, self.fields) = (name, id, fields)
  }
}
