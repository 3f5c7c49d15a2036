import Testing
import Topology

@Suite struct CPUListTests {
  @Test(arguments: [("", ""), ("0", "0"), ("0-3,8", "0-3,8"), (" 5,1-2\n", "1-2,5"), ("0,1,2", "0-2"), ("3-3", "3")])
  func printsWhatItParsesInTheKernelsNotation(text: String, printed: String) throws {
    #expect(try CPUList(parsing: text).description == printed)
  }

  @Test func listsEachCPUOnceInOrder() throws {
    #expect(try CPUList(parsing: "8,0-2,1").cpus == [0, 1, 2, 8])
    #expect(CPUList([3, -1, 3, 9999]).cpus == [3])
  }

  @Test(arguments: ["a", "1,", ",1", "1--2", "-1", "1-", "0-3:1/2", "1 2", "+1", "0x1", "1,,2", "٣"])
  func refusesWhatIsNoList(text: String) {
    #expect {
      try CPUList(parsing: text)
    } throws: { error in
      guard case .malformed = error as? CPUListError else { return false }
      return "\(error)".contains("0-3,8")
    }
  }

  @Test func refusesARangeThatRunsDownwards() {
    #expect(throws: CPUListError.descending("7-3")) { try CPUList(parsing: "0,7-3") }
  }

  @Test(arguments: ["8192", "0-18446744073709551616", "99999999999999999999"])
  func refusesNumbersThatNoKernelHasInsteadOfOverflowing(text: String) {
    #expect(throws: CPUListError.tooHigh(text)) { try CPUList(parsing: text) }
  }

  @Test func acceptsTheHighestCPU() throws {
    #expect(try CPUList(parsing: "8190-8191").cpus == [8190, 8191])
  }
}
