import ArgumentParser
import Devices
import Histogram
import LinuxSystem
import Probe
import ProbeABI
import Synchronization

/// The small operations of hot paths, in this process, without KVM.
struct Dispatch: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Bus dispatch, histograms and records, without KVM.")

  @OptionGroup var repetition: Repetition

  func run() throws {
    if let cpu = repetition.cpu { try CPUAffinity.pinCurrentThread(to: cpu) }
    var rows = [["operation", "median", "least", "greatest"]]
    let (read, write) = try bus()
    rows.append(read)
    rows.append(write)
    rows.append(histogram())
    rows += records()
    print("\(repetition.blocks) blocks")
    Table.print(rows)
  }

  /// A row of nanoseconds an operation.
  private func row(_ name: String, count: Int, _ body: (Int) -> Void) -> [String] {
    body(count / 10)
    let values = (0..<repetition.blocks).map { _ in
      let start = MonotonicClock.now
      body(count)
      return Double(MonotonicClock.now - start) / Double(count)
    }
    return [
      name, "\(Table.number(values.median, 2)) ns", Table.number(values.min() ?? 0, 2),
      Table.number(values.max() ?? 0, 2),
    ]
  }

  /// Port accesses on a bus as full as a machine's, under a lock as a machine's.
  private func bus() throws -> ([String], [String]) {
    var bus = Bus()
    try bus.attach(SerialPort { _ in }, name: "COM1", at: 0x3f8..<0x400)
    try bus.attach(SignalPort { _ in }, name: "debug exit", at: 0xf4..<0xf8)
    try bus.attach(SignalPort { _ in }, name: "keyboard reset", at: 0x64..<0x65)
    try bus.attach(SignalPort { _ in }, name: "marker", at: 0x4e40..<0x4e44)
    try bus.attach(EchoPort(), name: "echo", at: 0x4e44..<0x4e48)
    let shared = bus
    let lock = Mutex<UInt64>(0)
    let read = row("locked bus read, echo port", count: 2_000_000) { count in
      for _ in 0..<count { lock.withLock { $0 &+= shared.read(0x4e44, width: .long) } }
    }
    let write = row("locked bus write, marker", count: 2_000_000) { count in
      for index in 0..<count { lock.withLock { _ in shared.write(0x4e40, width: .long, value: UInt64(index)) } }
    }
    return (read, write)
  }

  private func histogram() -> [String] {
    var histogram = Histogram<UInt64>(highestTrackableValue: 1 << 40, numberOfSignificantValueDigits: .three)
    var value: UInt64 = 1
    return row("histogram record", count: 5_000_000) { count in
      for _ in 0..<count {
        value = value &* 6_364_136_223_846_793_005 &+ 1
        histogram.record(value >> 40)
      }
    }
  }

  /// Bytes of one record without meaning for the stream: damaged at the end only, so that every byte is taken in.
  private func records() -> [[String]] {
    var header = nm_record_header()
    header.magic = NM_RECORD_MAGIC
    header.version = UInt16(NM_ABI_VERSION)
    header.type = UInt16(NM_RECORD_RESULT.rawValue)
    header.length = 256 << 10
    let bytes = unsafe withUnsafeBytes(of: &header) { unsafe Array($0) } + [UInt8](repeating: 1, count: 256 << 10)
    let single = row("record stream, a byte by itself", count: bytes.count) { count in
      let stream = RecordStream()
      for byte in bytes.prefix(count) { stream.receive(byte) }
    }
    let pieces = row("record stream, a byte in pieces of 16", count: bytes.count) { count in
      let stream = RecordStream()
      unsafe bytes.withUnsafeBytes { bytes in
        for start in stride(from: 0, to: count - 15, by: 16) {
          unsafe stream.receive(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 16]))
        }
      }
    }
    return [single, pieces]
  }
}
