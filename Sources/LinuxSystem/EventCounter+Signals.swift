import SystemPackage

extension EventCounter {
  /// Signals of an eventfd that nobody has taken, without taking them: all there ever were where nobody does. Nil where the
  /// kernel does not show them (proc(5), `/proc/PID/fdinfo`).
  public static func signals(of descriptor: Int32) -> UInt64? {
    guard
      let file = unsafe try? FileDescriptor.open("/proc/self/fdinfo/\(descriptor)", .readOnly, options: [.closeOnExec])
    else { return nil }
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 512)
    guard let count = unsafe try? bytes.withUnsafeMutableBytes({ unsafe try file.read(into: $0) }) else { return nil }
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    let line = text.split(separator: "\n").first { $0.hasPrefix("eventfd-count:") }
    return line.flatMap { UInt64($0.dropFirst(14).drop(while: { $0 == " " || $0 == "\t" }), radix: 16) }
  }
}
