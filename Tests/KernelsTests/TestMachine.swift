import ProbeABI

@testable import Kernels

/// A machine for tests: an arena of its own, records and markers kept as they come.
/// Sound as `@safe` because the arena is only handed out with its true size.
@safe final class TestMachine {
  /// One record as it was emitted.
  struct Record {
    var header: nm_record_header
    var payload: [UInt8]
    var checksumIsRight: Bool

    /// The payload of a result record.
    var result: nm_result { unsafe payload.withUnsafeBytes { unsafe $0.loadUnaligned(as: nm_result.self) } }

    var reason: String {
      let start = MemoryLayout<nm_result>.size
      return String(decoding: payload[start..<start + Int(result.reason_length)], as: UTF8.self)
    }

    var histogram: [UInt8] {
      let start = MemoryLayout<nm_result>.size + Int(result.reason_length)
      return Array(payload[start..<start + Int(result.histogram_length)])
    }

    /// Operations of each worker, where several shared the work.
    var shares: [UInt64] {
      let start = payload.count - Int(result.shares) * 8
      return unsafe payload.withUnsafeBytes { bytes in
        (0..<Int(result.shares)).map { unsafe bytes.loadUnaligned(fromByteOffset: start + $0 * 8, as: UInt64.self) }
      }
    }

    var turns: [nm_turn] {
      let size = MemoryLayout<nm_turn>.stride
      let start = payload.count - Int(result.shares) * 8 - Int(result.turns) * size
      return unsafe payload.withUnsafeBytes { bytes in
        (0..<Int(result.turns)).map { unsafe bytes.loadUnaligned(fromByteOffset: start + $0 * size, as: nm_turn.self) }
      }
    }
  }

  static let tscKilohertz: UInt64 = 2_500_000
  private let arena: UnsafeMutableRawPointer
  private let size: Int
  private(set) var records: [Record] = []
  private(set) var markers: [UInt32] = []
  /// The threads that share the work; nil for a machine with one.
  private var workers: TestWorkers?
  /// Answers to whoever waits for a turn, the last of them for ever; nil for a machine without turns.
  var grants: [UInt32]?

  init(mebibytes: Int = 32) {
    size = mebibytes << 20
    unsafe arena = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 2 << 20)
  }

  deinit { unsafe arena.deallocate() }

  /// Runs a job text as it is and returns what `runJobs` returned.
  @discardableResult
  func run(
    text: [UInt8], disks: [FakeDisk] = [], wire: FakeWire? = nil, workers: TestWorkers? = nil,
    extra: (borrowing Job, inout JobContext) -> Bool = { _, _ in false }
  ) -> Int64 {
    self.workers = workers
    defer { workers?.finish() }
    let devices = unsafe disks.map { unsafe $0.device }
    var net = unsafe wire?.device ?? nm_net_device()
    let hasWire = wire != nil
    return unsafe withPointers(devices, &net) { devices, net in
      var environment = unsafe nm_environment()
      unsafe environment.context = Unmanaged.passUnretained(self).toOpaque()
      unsafe environment.arena = UInt64(UInt(bitPattern: arena))
      unsafe environment.arena_size = UInt64(size)
      unsafe environment.tsc_khz = TestMachine.tscKilohertz
      unsafe environment.native = 1
      unsafe environment.cpus = 1
      unsafe environment.block = devices.isEmpty ? nil : devices.baseAddress
      unsafe environment.block_devices = UInt32(devices.count)
      unsafe environment.workers = UInt32(1 + (workers?.count ?? 0))
      unsafe environment.start = { context, worker, work, argument in
        unsafe TestMachine.of(context).workers?.start(worker, work!, argument)
      }
      unsafe environment.busy = { context, worker in
        unsafe TestMachine.of(context).workers?.isBusy(worker) ?? false ? 1 : 0
      }
      unsafe environment.net = hasWire ? net : nil
      unsafe environment.emit = { context, bytes, count in
        unsafe TestMachine.of(context).keep(UnsafeRawBufferPointer(start: bytes, count: Int(count)))
      }
      unsafe environment.marker = { context, value in unsafe TestMachine.of(context).markers.append(value) }
      if grants != nil {
        unsafe environment.turn = { context, _ in unsafe TestMachine.of(context).grant() }
      }
      return unsafe text.withUnsafeBufferPointer { text in
        let empty: [UInt8] = [0]
        return unsafe empty.withUnsafeBufferPointer { empty in
          unsafe runJobs(&environment, text.baseAddress ?? empty.baseAddress!, UInt64(text.count), extra)
        }
      }
    }
  }

  @unsafe private func withPointers<Element, Other, Result>(
    _ elements: [Element], _ other: inout Other,
    _ body: (UnsafeBufferPointer<Element>, UnsafePointer<Other>) -> Result
  ) -> Result {
    unsafe elements.withUnsafeBufferPointer { elements in
      unsafe withUnsafePointer(to: &other) { other in unsafe body(elements, other) }
    }
  }

  /// Runs lines of jobs; each gets its number, a short warm-up and a short window unless it has its own.
  @discardableResult
  func run(_ lines: String..., seed: UInt64 = 7, disk: FakeDisk? = nil, wire: FakeWire? = nil) -> [Record] {
    run(lines, seed: seed, disks: disk.map { [$0] } ?? [], wire: wire, workers: nil)
  }

  /// The same on disks of several workers.
  func run(
    _ lines: [String], seed: UInt64 = 7, disks: [FakeDisk], wire: FakeWire? = nil, workers: TestWorkers?
  ) -> [Record] {
    records = []
    markers = []
    var text = "nearmetal-jobs 4 tsc_khz=\(TestMachine.tscKilohertz)\n"
    for (index, line) in lines.enumerated() {
      let window = line.contains("window=") ? "" : "window=2000000 "
      text += "job=\(index + 1) seed=\(seed) warmup=100000 \(window)workload=\(line)\n"
    }
    run(text: Array(text.utf8), disks: disks, wire: wire, workers: workers)
    return records.filter { $0.header.type == NM_RECORD_RESULT.rawValue }
  }

  private func grant() -> UInt32 {
    guard let answers = grants, let first = answers.first else { return NM_TURN_END }
    if answers.count > 1 { grants?.removeFirst() }
    return first
  }

  @unsafe private static func of(_ context: UnsafeMutableRawPointer?) -> TestMachine {
    unsafe Unmanaged<TestMachine>.fromOpaque(context!).takeUnretainedValue()
  }

  @unsafe private func keep(_ bytes: UnsafeRawBufferPointer) {
    let header = unsafe bytes.loadUnaligned(as: nm_record_header.self)
    var copy = unsafe Array(bytes)
    for index in 16..<20 { copy[index] = 0 }
    let payload = Array(copy[MemoryLayout<nm_record_header>.size...])
    records.append(
      Record(header: header, payload: payload, checksumIsRight: bitwiseCRC(copy) == header.checksum))
  }
}

/// CRC-32 bit by bit, as the standard's text has it: the check of the table's.
func bitwiseCRC(_ bytes: [UInt8]) -> UInt32 {
  var value = UInt32.max
  for byte in bytes {
    for bit in 0..<8 {
      let feedback = (value ^ UInt32(byte >> bit)) & 1
      value >>= 1
      if feedback == 1 { value ^= 0xedb8_8320 }
    }
  }
  return ~value
}
