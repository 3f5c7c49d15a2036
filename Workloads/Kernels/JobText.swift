import ProbeABI

/// The text of jobs, read line by line without storing anything: see "Jobs" in `nearmetal_abi.h`.
/// Nothing in the text is trusted; every number is checked for overflow and every name for its length.
struct JobText {
  private let text: ByteSlice
  private var position: Int
  private var line: Int
  /// TSC ticks a millisecond, from the first line; 1 or more.
  let tscKilohertz: UInt64

  /// Reads the first line.
  init(_ text: ByteSlice) throws(JobTextError) {
    self.text = text
    let end = text.position(of: 0x0a, from: 0)
    var words = JobWords(line: text.slice(from: 0, to: end))
    guard let magic = words.next(), magic.key.equals("nearmetal-jobs"), !magic.hasValue else {
      throw JobTextError(line: 1, reason: "expected nearmetal-jobs")
    }
    guard let version = words.next(), version.key.decimal == UInt64(NM_ABI_VERSION), !version.hasValue else {
      throw JobTextError(line: 1, reason: "expected version 3")
    }
    guard let clock = words.next(), clock.key.equals("tsc_khz"), let kilohertz = clock.value.decimal, kilohertz >= 1,
      kilohertz <= 1 << 32
    else { throw JobTextError(line: 1, reason: "expected tsc_khz= from 1 to 2^32") }
    guard words.next() == nil else { throw JobTextError(line: 1, reason: "expected nothing after tsc_khz=") }
    tscKilohertz = kilohertz
    position = end + 1
    line = 1
  }

  /// The next job; nil at the end of the text. Empty lines and comments are passed over.
  mutating func next() throws(JobTextError) -> Job? {
    while position < text.count {
      let end = text.position(of: 0x0a, from: position)
      let content = text.slice(from: position, to: end)
      position = end + 1
      line += 1
      if content.count == 0 || content[0] == 0x23 { continue }
      return try Job(line: content, lineNumber: line)
    }
    return nil
  }

  /// Reads the rest of the text without running anything.
  /// - Returns: the number of jobs, at most `NM_MAX_JOBS`.
  func validate() throws(JobTextError) -> UInt32 {
    var rest = self
    var numbers = InlineArray<256, UInt32>(repeating: 0)
    var count = 0
    while let job = try rest.next() {
      guard count < Int(NM_MAX_JOBS) else { throw JobTextError(line: rest.line, reason: "more than 256 jobs") }
      for index in 0..<count where numbers[index] == job.number {
        throw JobTextError(line: rest.line, reason: "the same job number twice")
      }
      numbers[count] = job.number
      count += 1
    }
    return UInt32(count)
  }
}

/// Why a job text was refused.
struct JobTextError: Error {
  /// Line of the text, counted from 1.
  let line: Int
  /// What was expected there, as a message without an end stop.
  let reason: StaticString
}
