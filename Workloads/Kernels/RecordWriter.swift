import ProbeABI

/// Builds one record at a time in a buffer of its own and hands it to the environment's `emit`.
/// Sound as `@safe` because `append` checks the room; whoever makes one vouches for environment and buffer.
@safe struct RecordWriter {
  private let environment: UnsafePointer<nm_environment>
  private let buffer: UnsafeMutablePointer<UInt8>
  private let checksum: CRC32
  private var used = 0

  private static var headerSize: Int { MemoryLayout<nm_record_header>.size }
  /// Most bytes of a record: header, result, reason, a histogram in which every count is as large as can be, and turns.
  static var bufferSize: UInt64 { 4096 + Histogram.largestEncoding + TurnLog.size }

  /// - Parameters:
  ///   - environment: must outlive the writer.
  ///   - memory: at least `memorySize` bytes.
  @unsafe init(environment: UnsafePointer<nm_environment>, memory: Region) {
    unsafe self.environment = unsafe environment
    checksum = unsafe CRC32(table: memory.pointer(to: UInt32.self))
    unsafe buffer = unsafe memory.pointer(to: UInt8.self) + Int(CRC32.tableSize)
  }

  /// Bytes of memory that a writer needs: the checksum's table and the buffer.
  static var memorySize: UInt64 { CRC32.tableSize + bufferSize }

  /// Sends the record that says who we are. `jobs` is the number of jobs read; the entry's TSC comes from the caller.
  mutating func hello(entryTSC: UInt64, readyTSC: UInt64, jobs: UInt32) {
    begin()
    let (arena, cpus) = unsafe (environment.pointee.arena_size, environment.pointee.cpus)
    append(nm_hello(entry_tsc: entryTSC, ready_tsc: readyTSC, arena_size: arena, cpus: cpus, jobs: jobs))
    emit(NM_RECORD_HELLO, job: 0)
  }

  /// Sends the record of a crash.
  mutating func crash(_ crash: nm_crash, job: UInt32) {
    begin()
    append(crash)
    emit(NM_RECORD_CRASH, job: job)
  }

  /// Asks for a turn: a single byte, as a guest asks some thousand times.
  func turn() {
    var request = UInt8(NM_TURN_REQUEST)
    unsafe environment.pointee.emit(environment.pointee.context, &request, 1)
  }

  /// Sends the last record.
  mutating func end() {
    begin()
    emit(NM_RECORD_END, job: 0)
  }

  /// Sends a job's result.
  /// - Parameters:
  ///   - result: all but its two lengths, which are filled in here.
  ///   - reason: at most 2048 bytes of UTF-8.
  ///   - histogram: left out when nil.
  ///   - turns: of a job that took turns.
  ///   - shares: operations of each of `count` workers.
  mutating func result(
    _ result: nm_result, reason: ByteSlice, histogram: Histogram?, turns: TurnLog, _ shares: Measurement.Shares,
    count: Int, job: UInt32
  ) {
    var result = result
    begin()
    let start = used
    used += MemoryLayout<nm_result>.size
    for index in 0..<min(reason.count, 2048) { append(reason[index]) }
    result.reason_length = UInt32(min(reason.count, 2048))
    if let histogram {
      let written = unsafe histogram.encode(to: buffer + used)
      used += written
      result.histogram_length = UInt32(written)
    }
    for index in 0..<turns.count { append(turns[index]) }
    result.turns = UInt32(turns.count)
    for index in 0..<count { append(shares[index]) }
    result.shares = UInt32(count)
    let end = used
    used = start
    append(result)
    used = end
    emit(NM_RECORD_RESULT, job: job)
  }

  private mutating func begin() { used = RecordWriter.headerSize }

  private mutating func append<Value: BitwiseCopyable>(_ value: Value) {
    precondition(used + MemoryLayout<Value>.size <= Int(RecordWriter.bufferSize))
    unsafe UnsafeMutableRawPointer(buffer + used).storeBytes(of: value, as: Value.self)
    used += MemoryLayout<Value>.size
  }

  private mutating func emit(_ type: nm_record_type, job: UInt32) {
    let total = used
    var header = nm_record_header(
      magic: NM_RECORD_MAGIC, version: UInt16(NM_ABI_VERSION), type: UInt16(type.rawValue), job: job,
      length: UInt32(total - RecordWriter.headerSize), checksum: 0, reserved: 0)
    used = 0
    append(header)
    header.checksum = unsafe checksum.checksum(buffer, count: total)
    used = 0
    append(header)
    unsafe environment.pointee.emit(environment.pointee.context, buffer, UInt64(total))
  }
}
