import Definitions
import Foundation
import LinuxSystem
import Results
import Testing

@testable import Machines

@Suite struct LinuxConsoleTests {
  private static let token = "00112233aabbccdd"
  private static let mark = "nearmetal-job \(token) "

  private static func console(_ text: String) -> LinuxConsole {
    var console = LinuxConsole(token: token)
    for byte in text.utf8 { _ = console.receive(byte) }
    return console
  }

  /// Bytes packed by gzip(1) and written as a guest does.
  private static func packed(_ bytes: [UInt8]) throws -> (count: Int, text: String) {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/gzip")
    process.arguments = ["-c"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    DispatchQueue.global().async {
      input.fileHandleForWriting.write(Data(bytes))
      try? input.fileHandleForWriting.close()
    }
    let packed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (packed.count, packed.base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed]))
  }

  private static func answered(_ bytes: [UInt8], name: String = "output", status: Int = 0) throws -> String {
    let (count, text) = try packed(bytes)
    return "\(mark)ready\n\(mark)start\n\(mark)stop \(status)\n\(mark)data \(name) \(count)\n\(text)\n\(mark)done\n"
  }

  @Test func aWholeBootIsRead() throws {
    let answer = [UInt8]((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    let text = "[    0.1] kernel\r\n\(Self.mark)hello 1.25\r\n" + (try Self.answered(answer, status: 3))
    let console = Self.console(text)
    #expect(console.problem == nil && console.stage == .done && console.isOver)
    #expect(console.uptime == 1.25 && console.status == 3 && console.answers == [.output: answer])
    #expect(console.lastLines == ["[    0.1] kernel"])
  }

  @Test func theStagesAreSaidOnceEachWhenTheyAreReached() throws {
    var console = LinuxConsole(token: Self.token)
    let stages = try Self.answered([1]).utf8.compactMap { console.receive($0) }
    #expect(stages == [.ready, .start, .stop, .done])
  }

  @Test func aBootWithoutAJobNeedsNoAnswers() {
    let console = Self.console("\(Self.mark)hello 0.9\n\(Self.mark)ready\n\(Self.mark)done\n")
    #expect(console.problem == nil && console.stage == .done)
  }

  @Test func aMarkStandsBehindAMessageOfTheKernelToo() {
    #expect(Self.console("[  1.0] half a line\(Self.mark)ready\n").stage == .ready)
  }

  @Test func anotherBootsWordsAreNotThisOnes() {
    let console = Self.console("nearmetal-job ffff2233aabbccdd ready\n")
    #expect(console.stage == .silent && console.problem == nil)
  }

  @Test func everyPlaceToBreakOffAtLeavesAnUnfinishedBoot() throws {
    let text = Array(try Self.answered(Array("the answer\n".utf8)).utf8)
    for count in 0..<text.count {
      var console = LinuxConsole(token: Self.token)
      for byte in text[..<count] { _ = console.receive(byte) }
      #expect(!console.isOver, "\(count)")
    }
  }

  @Test func anyLetterOfAnAnswerThatIsAnotherOneIsSeen() throws {
    let bytes = Array("0123456789 0123456789 an answer\n".utf8)
    let (count, text) = try Self.packed(bytes)
    let head = "\(Self.mark)ready\n\(Self.mark)start\n\(Self.mark)stop 0\n\(Self.mark)data output \(count)\n"
    // Ten bytes of gzip's head hold a time and a system, which nothing depends on.
    for place in 14..<text.utf8.count where text.utf8.dropFirst(place).first != UInt8(ascii: "=") {
      var damaged = Array(text.utf8)
      damaged[place] = damaged[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      let console = Self.console(head + String(decoding: damaged, as: UTF8.self) + "\n\(Self.mark)done\n")
      // The last letter before the end has bits that stand for nothing.
      if console.problem == nil { #expect(console.answers == [.output: bytes], "\(place)") }
      if place < text.utf8.count - 4 { #expect(console.problem != nil, "\(place)") }
    }
  }

  private static let wrong: [(text: String, problem: String)] = [
    ("\(mark)start\n", "\"start\" after \"silent\""),
    ("\(mark)ready\n\(mark)ready\n", "\"ready\" after \"ready\""),
    ("\(mark)done\n", "\"done\" after \"silent\""),
    ("\(mark)ready\n\(mark)start\n\(mark)done\n", "\"done\" after \"start\""),
    ("\(mark)ready\n\(mark)start\n\(mark)stop 256\n", "status of its job"),
    ("\(mark)ready\n\(mark)start\n\(mark)stop -1\n", "status of its job"),
    ("\(mark)ready\n\(mark)start\n\(mark)stop\n", "a word that nobody knows"),
    ("\(mark)data output 4\n", "an answer that nobody expects"),
    ("\(mark)ready\n\(mark)start\n\(mark)stop 0\n\(mark)data output 0\n", "an answer that nobody expects"),
    ("\(mark)ready\n\(mark)start\n\(mark)stop 0\n\(mark)data output 99999999999\n", "an answer that nobody expects"),
    ("\(mark)ready\n\(mark)start\n\(mark)stop 0\n\(mark)data passwords 4\n", "an answer that nobody expects"),
    ("\(mark)ready\n\(mark)start\n\(mark)stop 0\n\(mark)data output 4\nAAAA\nAAAA\nAAAA\n", "longer than it was said"),
    ("\(mark)ready\n\(mark)start\n\(mark)stop 0\n\(mark)data output 4\n[ 1.0] a message\n", "something else in it"),
    (
      "\(mark)ready\n\(mark)start\n\(mark)stop 0\n\(mark)data output 40\nAAAA\n\(mark)done\n",
      "not as long as it was said"
    ),
    ("\(mark)ready\n\(mark)start\n\(mark)stop 0\n\(mark)data output 3\nAAAA\n\(mark)done\n", "damaged"),
    ("\(mark)\u{1b}[31mred\n", "a word that nobody knows:  [31mred"),
  ]

  @Test(arguments: wrong.indices)
  func whatMakesNoSenseIsTheEnd(index: Int) {
    let (text, problem) = Self.wrong[index]
    let console = Self.console(text)
    #expect(console.isOver && console.problem?.contains(problem) == true, "\(console.problem ?? "none")")
    #expect(console.problem?.printable == console.problem)
  }

  @Test func anAnswerThatUnpacksToTooMuchIsRefused() throws {
    let console = Self.console(try Self.answered([UInt8](repeating: 0, count: 1 << 20)))
    #expect(console.problem?.contains("longer than 64 KiB") == true, "\(console.problem ?? "none")")
    #expect(Self.console(try Self.answered([UInt8](repeating: 0, count: 1 << 20), name: "results")).problem == nil)
  }

  @Test func aGuestThatSendsWithoutEndIsEnded() {
    var console = LinuxConsole(token: Self.token)
    for _ in 0...LinuxConsole.most { _ = console.receive(UInt8(ascii: "x")) }
    #expect(console.problem?.contains("more than 64 MiB") == true)
    #expect(console.lastLines.isEmpty)
  }

  @Test func lastLinesAreFitToBeShown() {
    let console = Self.console("one\u{1b}[2J\n\u{202e}two\n")
    #expect(console.lastLines == ["one [2J", "two"])
  }

  @Test func aFailedCommandSaysItsLastLines() {
    let answer = LinuxAnswer(job: .command("a"), status: 2, output: Array("a\n\u{7}b\n\nc\nd\ne\n".utf8))
    #expect(answer.failure == "the command ended with status 2; it said last: b | c | d | e")
    #expect(LinuxAnswer(job: .command("a"), status: 0, output: Array("a".utf8)).failure == nil)
  }
}
