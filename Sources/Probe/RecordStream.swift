import LinuxSystem
import ProbeABI
import Synchronization

/// Takes the probe's bytes as they come and turns them into records with the time of arrival. The guest is not trusted: sizes
/// are bounded, checksums checked, and after the first damaged byte nothing more is believed.
public final class RecordStream: Sendable {
  /// A record and when it was complete, on `MonotonicClock`.
  public struct Arrival: Sendable {
    public let record: ProbeRecord
    public let time: UInt64
  }

  private struct State {
    var pending: [UInt8] = []
    var consumed = 0
    var arrivals: [Arrival] = []
    var error: ProbeRecordError?

    /// Takes the questions for a turn that stand where a record would begin, and says whether there were some.
    mutating func takeRequests() -> Bool {
      let count = pending.prefix { $0 == UInt8(NM_TURN_REQUEST) }.count
      pending.removeFirst(count)
      consumed += count
      return count > 0
    }
  }

  /// Most bytes of one record's payload: a full histogram and its result.
  private static let largestPayload = 512 << 10
  /// Most records of one boot.
  private static let mostRecords = Int(NM_MAX_JOBS) + 8
  private let state = Mutex(State())
  private let turn: @Sendable () -> Void
  private let kept: (@Sendable ([UInt8]) -> Void)?

  /// - Parameters:
  ///   - kept: takes the bytes of each record that was right, on the thread that handed them over.
  ///   - turn: told whenever a guest asks for its turn, on the same thread.
  public init(kept: (@Sendable ([UInt8]) -> Void)? = nil, turn: @escaping @Sendable () -> Void = {}) {
    self.kept = kept
    self.turn = turn
  }

  /// What has arrived so far.
  public var arrivals: [Arrival] { state.withLock { $0.arrivals } }

  /// The first thing that was wrong.
  public var error: ProbeRecordError? { state.withLock { $0.error } }

  /// Bytes of a record that is not complete.
  public var pendingCount: Int { state.withLock { $0.pending.count } }

  public func receive(_ byte: UInt8) {
    let isAsked = state.withLock { state -> Bool in
      guard state.error == nil else { return false }
      state.pending.append(byte)
      if state.pending.count == 1 { return state.takeRequests() }
      if state.pending.count >= MemoryLayout<nm_record_header>.size { advance(&state) }
      return false
    }
    if isAsked { turn() }
  }

  public func receive(_ bytes: [UInt8]) { unsafe bytes.withUnsafeBytes { unsafe receive($0) } }

  public func receive(_ bytes: UnsafeRawBufferPointer) {
    let isAsked = state.withLock { state -> Bool in
      guard state.error == nil else { return false }
      unsafe state.pending.append(contentsOf: bytes)
      var isAsked = state.takeRequests()
      while state.pending.count >= MemoryLayout<nm_record_header>.size, advance(&state) {
        if state.takeRequests() { isAsked = true }
      }
      return isAsked
    }
    if isAsked { turn() }
  }

  /// Takes one record from the pending bytes. Returns whether there was one.
  @discardableResult
  private func advance(_ state: inout State) -> Bool {
    let headerSize = MemoryLayout<nm_record_header>.size
    let header = unsafe state.pending.withUnsafeBytes { unsafe $0.loadUnaligned(as: nm_record_header.self) }
    if let problem = Self.problem(header) ?? (state.arrivals.count < Self.mostRecords ? nil : "more records than jobs")
    {
      state.error = ProbeRecordError(place: state.consumed, problem: problem)
      return false
    }
    let total = headerSize + Int(header.length)
    guard state.pending.count >= total else { return false }
    let payload = Array(state.pending[headerSize..<total])
    guard Self.checksum(header, payload) == header.checksum else {
      state.error = ProbeRecordError(place: state.consumed, problem: "wrong checksum")
      return false
    }
    guard let record = RecordDecoder.decode(header, payload) else {
      state.error = ProbeRecordError(place: state.consumed, problem: "a payload that does not fit its type")
      return false
    }
    state.arrivals.append(Arrival(record: record, time: MonotonicClock.now))
    kept?(Array(state.pending[..<total]))
    state.pending.removeFirst(total)
    state.consumed += total
    return true
  }

  private static func problem(_ header: nm_record_header) -> String? {
    if header.magic != NM_RECORD_MAGIC { return "no record begins here" }
    if header.version != UInt16(NM_ABI_VERSION) { return "interface version \(header.version)" }
    if Int(header.length) > largestPayload { return "a payload of \(header.length) bytes" }
    return nil
  }

  static func checksum(_ header: nm_record_header, _ payload: [UInt8]) -> UInt32 {
    var blank = header
    blank.checksum = 0
    let head = unsafe withUnsafeBytes(of: &blank) { unsafe CRC32.update(.max, $0) }
    return ~(unsafe payload.withUnsafeBytes { unsafe CRC32.update(head, $0) })
  }
}

/// The payloads' layouts.
private enum RecordDecoder {
  static func decode(_ header: nm_record_header, _ payload: [UInt8]) -> ProbeRecord? {
    switch UInt32(header.type) {
    case NM_RECORD_HELLO.rawValue: load(payload, as: nm_hello.self).map { .hello($0) }
    case NM_RECORD_CRASH.rawValue: load(payload, as: nm_crash.self).map { .crash($0) }
    case NM_RECORD_RESULT.rawValue: result(payload).map { .result(job: header.job, $0) }
    case NM_RECORD_END.rawValue: payload.isEmpty ? .end : nil
    default: nil
    }
  }

  private static func load<T: BitwiseCopyable>(_ payload: [UInt8], as type: T.Type) -> T? {
    guard payload.count >= MemoryLayout<T>.size else { return nil }
    return unsafe payload.withUnsafeBytes { unsafe $0.loadUnaligned(as: T.self) }
  }

  private static func result(_ payload: [UInt8]) -> ProbeResult? {
    guard let figures = load(payload, as: nm_result.self) else { return nil }
    let start = MemoryLayout<nm_result>.size
    let reasonEnd = start + Int(figures.reason_length)
    let histogramEnd = reasonEnd + Int(figures.histogram_length)
    let size = MemoryLayout<nm_turn>.stride
    guard figures.turns <= NM_MAX_TURNS, figures.shares <= NM_MAX_WORKERS else { return nil }
    let turnsEnd = histogramEnd + Int(figures.turns) * size
    guard turnsEnd + Int(figures.shares) * 8 == payload.count, figures.status <= NM_STATUS_FAILED.rawValue else {
      return nil
    }
    let turns = unsafe payload.withUnsafeBytes { bytes in
      (0..<Int(figures.turns)).map {
        unsafe bytes.loadUnaligned(fromByteOffset: histogramEnd + $0 * size, as: nm_turn.self)
      }
    }
    let shares = unsafe payload.withUnsafeBytes { bytes in
      (0..<Int(figures.shares)).map { unsafe bytes.loadUnaligned(fromByteOffset: turnsEnd + $0 * 8, as: UInt64.self) }
    }
    return ProbeResult(
      figures: figures, reason: String(decoding: payload[start..<reasonEnd], as: UTF8.self),
      histogram: Array(payload[reasonEnd..<histogramEnd]), turns: turns, shares: shares)
  }
}

/// CRC-32 of IEEE 802.3, the records' checksum, without its final complement.
private enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
  }

  static func update(_ start: UInt32, _ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var value = start
    for index in 0..<bytes.count {
      value = value >> 8 ^ table[Int(UInt8(truncatingIfNeeded: value) ^ (unsafe bytes[index]))]
    }
    return value
  }
}
