import Images
import LinuxSystem
import Results

/// What a Linux guest says of its job on its console: lines that begin with a word of this boot alone, in an order, and answers between
/// them, packed by gzip, whose checksum they bring along, and written in base 64. ``LinuxTask`` has the other half.
///
/// Everything else on the console is the kernel's, the job's, or nonsense: it is passed over, and its last lines are kept for the case
/// that the guest gives up. Whatever a guest sends, no more is kept than the limits here.
struct LinuxConsole: Sendable {
  /// How far the guest came. Each is said once, in this order; the first may be left out.
  enum Stage: Int, Comparable, Sendable {
    case silent
    /// Its first process has begun.
    case hello
    /// Drivers and file systems are there.
    case ready
    /// The job begins, and has ended.
    case start
    case stop
    /// All answers were given.
    case done

    static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
  }

  /// Names of answers.
  enum Answer: String, Sendable, CaseIterable {
    /// The last that the job wrote to its standard streams.
    case output
    /// What the tool measured that the job is.
    case results

    /// Bytes at most, unpacked.
    var most: Int { self == .output ? 1 << 16 : 16 << 20 }
  }

  /// Bytes of a line that are looked at.
  private static let longestLine = 512
  /// Bytes of a packed answer.
  private static let longestAnswer = 4 << 20
  /// Bytes on the console in all.
  static let most = 64 << 20

  private let mark: [UInt8]
  private(set) var stage = Stage.silent
  /// Seconds that the guest's kernel had run at its first word, as it says.
  private(set) var uptime: Double?
  /// The job's exit status, as a shell has it.
  private(set) var status: Int?
  private(set) var answers: [Answer: [UInt8]] = [:]
  /// What is wrong with what the guest said; nothing is read any more then.
  private(set) var problem: String?
  private var total = 0
  private var line: [UInt8] = []
  private var tail = ConsoleTail()
  private var open: (name: Answer, size: Int, text: [UInt8])?

  /// - Parameter token: the word of this boot.
  init(token: String) { mark = Array("\(Self.word) \(token) ".utf8) }

  /// The first word of the lines.
  static let word = "nearmetal-job"

  /// Whether nothing more is to be expected.
  var isOver: Bool { stage == .done || problem != nil }

  /// The last lines besides the protocol's, the oldest first, fit to be shown.
  var lastLines: [String] { tail.lines }

  /// Takes the next byte.
  /// - Returns: the stage that the guest has reached with it; nil for none.
  mutating func receive(_ byte: UInt8) -> Stage? {
    guard !isOver else { return nil }
    total += 1
    guard total <= Self.most else { return fail("it sent more than \(Self.most >> 20) MiB on its console") }
    guard byte == 0x0a else {
      // A terminal's line ends with a carriage return as well.
      if byte != 0x0d, line.count < Self.longestLine { line.append(byte) }
      return nil
    }
    defer { line.removeAll(keepingCapacity: true) }
    if let words = marked() { return take(words) }
    if open != nil { return takeAnswer() }
    for byte in line { tail.add(byte) }
    tail.add(0x0a)
    return nil
  }

  /// The words behind the mark, wherever in its line it stands: a message of the kernel's may be before it.
  private func marked() -> [String]? {
    guard line.count >= mark.count,
      let start = (0...line.count - mark.count).first(where: { line[$0..<$0 + mark.count].elementsEqual(mark) })
    else { return nil }
    return String(decoding: line[(start + mark.count)...], as: UTF8.self).split(separator: " ").map(String.init)
  }

  private mutating func take(_ words: [String]) -> Stage? {
    if open != nil, !close() { return nil }
    switch (words.first ?? "", words.count) {
    case ("hello", 2):
      uptime = Double(words[1]).flatMap { $0.isFinite && (0.001...1e6).contains($0) ? $0 : nil }
      return reach(.hello, after: [.silent])
    case ("ready", 1): return reach(.ready, after: [.silent, .hello])
    case ("start", 1): return reach(.start, after: [.ready])
    case ("stop", 2):
      guard let status = Int(words[1]), (0...255).contains(status) else {
        return fail("a status of its job is no number")
      }
      self.status = status
      return reach(.stop, after: [.start])
    case ("data", 3):
      guard stage == .stop, let name = Answer(rawValue: words[1]), answers[name] == nil,
        let size = Int(words[2]), (1...Self.longestAnswer).contains(size)
      else { return fail("an answer that nobody expects: \(words.joined(separator: " ").printable.prefix(80))") }
      open = (name, size, [])
      return nil
    case ("done", 1): return reach(.done, after: [.ready, .stop])
    default: return fail("a word that nobody knows: \(words.joined(separator: " ").printable.prefix(80))")
    }
  }

  private mutating func reach(_ next: Stage, after before: [Stage]) -> Stage? {
    guard before.contains(stage) else { return fail("\"\(next)\" after \"\(stage)\"") }
    stage = next
    return next
  }

  private mutating func fail(_ reason: String) -> Stage? {
    problem = reason
    open = nil
    return nil
  }

  /// A line of an answer.
  private mutating func takeAnswer() -> Stage? {
    guard let (name, size, text) = open else { return nil }
    guard line.allSatisfy(Self.isBase64) else { return fail("its answer \(name) has something else in it") }
    guard text.count + line.count <= (size + 2) / 3 * 4 else {
      return fail("its answer \(name) is longer than it was said to be")
    }
    open?.text += line
    return nil
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
      true
    default: false
    }
  }

  /// Ends an answer. Returns whether it is whole.
  private mutating func close() -> Bool {
    guard let (name, size, text) = open else { return true }
    open = nil
    guard let packed = Base64.decode(String(decoding: text, as: UTF8.self)), packed.count == size else {
      problem = "its answer \(name) is not as long as it was said to be"
      return false
    }
    guard let answer = Deflate.unfold(packed, most: name.most, .gzip) else {
      problem = "its answer \(name) is damaged, or longer than \(name.most >> 10) KiB"
      return false
    }
    answers[name] = answer
    return true
  }
}
