import ProbeABI
import Testing

@testable import Kernels

@Suite struct JobTextTests {
  private let head = "nearmetal-jobs 4 tsc_khz=2500000\n"
  private let line = "job=1 workload=cpu.integer seed=7 warmup=1 window=2"

  /// Parses a text: the number of jobs, or the error.
  private func parse(_ text: String) -> Result<UInt32, JobTextError> {
    unsafe Array((text + "\0").utf8).withUnsafeBufferPointer { bytes in
      let slice = unsafe ByteSlice(base: bytes.baseAddress!, count: bytes.count - 1)
      return Result { () throws(JobTextError) in try JobText(slice).validate() }
    }
  }

  private func errorLine(_ text: String) -> Int? {
    if case .failure(let error) = parse(text) { return error.line }
    return nil
  }

  @Test func jobsCommentsAndEmptyLinesAreRead() throws {
    let text = head + "# a comment\n\n" + line + " bs=4096\n  " + line.replacing("job=1", with: "job=2")
    #expect(try parse(text).get() == 2)
  }

  @Test func aJobHasItsFieldsAndParameters() throws {
    let bytes = Array((line + " bs=4096 qd=18446744073709551615").utf8)
    try unsafe bytes.withUnsafeBufferPointer { bytes in
      let slice = unsafe ByteSlice(base: bytes.baseAddress!, count: bytes.count)
      let job = try Job(line: slice, lineNumber: 1)
      #expect(job.number == 1)
      #expect(job.workload.equals("cpu.integer"))
      #expect((job.seed, job.warmup, job.window) == (7, 1, 2))
      #expect(job.parameter("bs") == 4096)
      #expect(job.parameter("qd") == UInt64.max)
      #expect(job.parameter("b") == nil)
    }
  }

  @Test(arguments: [
    "", "\n", "nearmetal-jobs", "nearmetal-jobs 1 tsc_khz=1\n", "nearmetal-jobs 4\n", "nearmetal-jobs 3 tsc_khz=0\n",
    "nearmetal-jobs 4 tsc_khz=x\n", "nearmetal-jobs 3 tsc_khz=1 more=1\n", "nearmetal-jobs=1 3 tsc_khz=1\n",
    "# comment first\nnearmetal-jobs 4 tsc_khz=1\n", "nearmetal-jobs 3 tsc_khz=18446744073709551616\n",
  ])
  func aTextWithAnotherFirstLineIsRefusedThere(text: String) { #expect(errorLine(text) == 1) }

  @Test(arguments: [
    "job=0", "job=16777216", "job=-1", "job=+1", "job=", "job", "job=1x", "job=18446744073709551616",
    "job=99999999999999999999", "job=100000000000000000000000", "seed=1", "x=1=2", "X=1", "=1", "ü=1", "job=1\r",
    "key=1 key=2", "window=0", "window=281474976710657", "warmup=281474976710657", "workload=", "workload=A",
    "workload=a/b", "workload=" + String(repeating: "a", count: 48), String(repeating: "k", count: 48) + "=1",
    "\u{0}", "bs=4096\tqd=1",
  ])
  func aWordThatIsNotTheFormatIsRefusedInItsLine(word: String) {
    let key = word.split(separator: "=", omittingEmptySubsequences: false)[0]
    let others = line.split(separator: " ").filter { !$0.hasPrefix(key + "=") || word == "seed=1" }
    #expect(errorLine(head + "# comment\n" + others.joined(separator: " ") + " " + word + "\n") == 3)
  }

  @Test(arguments: ["job", "workload", "seed", "warmup", "window"])
  func aLineWithoutOneOfTheFiveFieldsIsRefused(key: String) {
    let others = line.split(separator: " ").filter { !$0.hasPrefix(key + "=") }
    #expect(errorLine(head + others.joined(separator: " ")) == 2)
  }

  @Test func sixteenParametersAreReadAndSeventeenRefused() {
    let parameters = (0..<17).map { "p\($0)=\($0)" }
    #expect(errorLine(head + line + " " + parameters.dropLast().joined(separator: " ")) == nil)
    #expect(errorLine(head + line + " " + parameters.joined(separator: " ")) == 2)
  }

  @Test func twoHundredAndFiftySixJobsAreReadAndOneMoreRefused() throws {
    let lines = (1...257).map { line.replacing("job=1", with: "job=\($0)") + "\n" }
    #expect(try parse(head + lines.dropLast().joined()).get() == 256)
    #expect(errorLine(head + lines.joined()) == 258)
  }

  @Test func aJobNumberTwiceIsRefused() { #expect(errorLine(head + line + "\n" + line) == 3) }

  @Test func everyPrefixAndEveryMutationEndsInJobsOrAnError() {
    let text = Array((head + line + " bs=4096\n# c\n" + line.replacing("job=1", with: "job=2")).utf8)
    var random = SplitMix(seed: 1)
    for length in 0..<text.count { _ = parse(String(decoding: text[..<length], as: UTF8.self)) }
    var refused = 0
    for _ in 0..<2000 {
      var mutated = text
      mutated[Int(random.next(below: UInt64(text.count)))] = UInt8(truncatingIfNeeded: random.next()) & 0x7f
      if case .failure(let error) = parse(String(decoding: mutated, as: UTF8.self)) {
        refused += 1
        #expect((1...5).contains(error.line))
      }
    }
    #expect(refused > 100)
  }

  @Test func aBadTextIsAnsweredAsJobZeroWithTheLine() {
    let machine = TestMachine()
    #expect(machine.run(text: Array((head + "job=x\n").utf8)) == -22)
    #expect(machine.records.count == 2)
    #expect(machine.records[0].header.job == 0)
    #expect(machine.records[0].result.status == NM_STATUS_FAILED.rawValue)
    #expect(machine.records[0].reason.hasPrefix("line 2: "))
    #expect(machine.run(text: []) == -22)
  }
}
