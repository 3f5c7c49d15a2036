import ProbeABI

/// One line of the job text: what to run, and for how long.
struct Job {
  /// 1 up to `Job.largestNumber`; names the job in its records and its markers.
  let number: UInt32
  /// The workload's name, at most `NM_MAX_NAME` bytes.
  let workload: ByteSlice
  /// Start of every pseudo-random sequence of the workload.
  let seed: UInt64
  /// TSC ticks to run before the measured window.
  let warmup: UInt64
  /// TSC ticks of the measured window.
  let window: UInt64
  /// The whole line, from which parameters are looked up.
  fileprivate let line: ByteSlice

  /// Markers carry the number in their low 24 bits.
  static let largestNumber: UInt64 = 0xff_ffff

  /// The value of the parameter `key`; nil when the line does not have it.
  func parameter(_ key: StaticString) -> UInt64? {
    var words = JobWords(line: line)
    while let word = words.next() {
      if word.key.equals(key) { return word.value.decimal }
    }
    return nil
  }
}

/// The `key=value` words of a line, in order. A word without `=` has an empty value.
struct JobWords {
  private let line: ByteSlice
  private var position = 0

  init(line: ByteSlice) { self.line = line }

  mutating func next() -> (key: ByteSlice, value: ByteSlice, hasValue: Bool)? {
    let space: UInt8 = 0x20
    while position < line.count, line[position] == space { position += 1 }
    guard position < line.count else { return nil }
    let end = line.position(of: space, from: position)
    let word = line.slice(from: position, to: end)
    position = end
    let equals = word.position(of: 0x3d, from: 0)
    guard equals < word.count else {
      return (word, word.slice(from: word.count, to: word.count), false)
    }
    return (word.slice(from: 0, to: equals), word.slice(from: equals + 1, to: word.count), true)
  }
}

extension Job {
  /// Reads one line.
  /// - Parameters:
  ///   - line: the line without its line feed.
  ///   - lineNumber: counted from 1, for errors.
  init(line: ByteSlice, lineNumber: Int) throws(JobTextError) {
    func refusal(_ reason: StaticString) -> JobTextError { JobTextError(line: lineNumber, reason: reason) }
    var number: UInt64?
    var name: ByteSlice?
    var seed: UInt64?
    var warmup: UInt64?
    var window: UInt64?
    var parameters: UInt32 = 0
    var seen = 0
    var words = JobWords(line: line)
    while let word = words.next() {
      guard word.hasValue else { throw refusal("expected key=value") }
      guard Job.isName(word.key) else {
        throw refusal("expected a key of a-z, 0-9, '.', '_' and '-', at most 47 bytes")
      }
      guard !Job.isRepeated(word.key, in: line, after: seen) else { throw refusal("the same key twice") }
      seen += 1
      if word.key.equals("workload") {
        guard Job.isName(word.value) else { throw refusal("expected a workload's name") }
        name = word.value
        continue
      }
      guard let value = word.value.decimal else { throw refusal("expected an unsigned decimal number of 64 bits") }
      if word.key.equals("job") {
        number = value
      } else if word.key.equals("seed") {
        seed = value
      } else if word.key.equals("warmup") {
        warmup = value
      } else if word.key.equals("window") {
        window = value
      } else {
        parameters += 1
        guard parameters <= NM_MAX_PARAMETERS else { throw refusal("more than 16 parameters") }
      }
    }
    guard let number, number >= 1, number <= Job.largestNumber else {
      throw refusal("expected job= from 1 to 16777215")
    }
    guard let name else { throw refusal("expected workload=") }
    guard let seed else { throw refusal("expected seed=") }
    guard let warmup, warmup <= Job.longest else { throw refusal("expected warmup= of at most 2^48 ticks") }
    guard let window, window >= 1, window <= Job.longest else { throw refusal("expected window= from 1 to 2^48 ticks") }
    self.init(
      number: UInt32(number), workload: name, seed: seed, warmup: warmup, window: window, line: line)
  }

  /// Longest warm-up and window in ticks, about a day: far from where sums of ticks could overflow.
  private static var longest: UInt64 { 1 << 48 }

  private static func isName(_ slice: ByteSlice) -> Bool {
    guard slice.count >= 1, slice.count <= Int(NM_MAX_NAME) else { return false }
    for index in 0..<slice.count {
      switch slice[index] {
      case 0x61...0x7a, 0x30...0x39, 0x2e, 0x5f, 0x2d: continue
      default: return false
      }
    }
    return true
  }

  /// Whether one of the first `limit` words of the line has this key.
  private static func isRepeated(_ key: ByteSlice, in line: ByteSlice, after limit: Int) -> Bool {
    var words = JobWords(line: line)
    for _ in 0..<limit {
      if let word = words.next(), word.key.equals(key) { return true }
    }
    return false
  }
}
