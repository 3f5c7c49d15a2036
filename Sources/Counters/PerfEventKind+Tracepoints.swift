import CPfm
import LinuxSystem
import Topology

extension PerfEventKind {
  /// A tracepoint's hits on a thread.
  public init(_ tracepoint: TracepointFormat) {
    self.init(
      tracepoint.name, type: PERF_TYPE_TRACEPOINT.rawValue, configuration: tracepoint.id)
  }

  /// The hits of a tracepoint with a field in a range, named "kvm:kvm_pio{port=0x3f8-0x3ff}".
  /// - Parameters:
  ///   - tracepoint: as this kernel has it.
  ///   - field: a field of the tracepoint.
  ///   - range: the values of the field that are counted, both ends included.
  ///   - label: what stands behind the equals sign in the name; nil for the range in hexadecimal digits.
  /// - Throws: `Unavailable` when this kernel's tracepoint has no such field.
  public init(
    _ tracepoint: TracepointFormat, field: String, in range: ClosedRange<UInt64>, label: String? = nil
  ) throws(Unavailable) {
    guard tracepoint.fields.contains(field) else {
      throw Unavailable("\(tracepoint.name) of this kernel has no field \(field)")
    }
    let (first, last) = (range.lowerBound, range.upperBound)
    let span = first == last ? Self.hexadecimal(first) : "\(Self.hexadecimal(first))-\(Self.hexadecimal(last))"
    self.init(
      "\(tracepoint.name){\(field)=\(label ?? span)}", type: PERF_TYPE_TRACEPOINT.rawValue,
      configuration: tracepoint.id,
      filter: first == last ? "\(field)==\(first)" : "\(field)>=\(first) && \(field)<=\(last)")
  }

  private static func hexadecimal(_ number: UInt64) -> String { "0x\(String(number, radix: 16))" }
}
