import ProbeABI
import Testing

@testable import Kernels

@Suite struct KernelTests {
  private static let jobs: [(String, [String: UInt64])] = [
    ("cpu.integer", [:]), ("cpu.float", [:]), ("cpu.sha256", [:]), ("cpu.branch", [:]),
    ("memory.copy", ["size": 65536]),
    ("memory.triad", ["size": 49152]), ("memory.latency", ["size": 16384]), ("memory.latency", ["size": 1_048_576]),
    ("memory.touch", ["pages": 64]), ("memory.copy", [:]), ("memory.triad", [:]),
  ]

  @Test(arguments: jobs)
  func everyKernelHasTheChecksumThatTheHostRecomputes(name: String, parameters: [String: UInt64]) throws {
    let line = name + parameters.map { " \($0.key)=\($0.value)" }.joined()
    let record = TestMachine().run(line, seed: 0xfeed)[0]
    let result = record.result
    #expect(record.reason == "")
    #expect(result.status == NM_STATUS_OK.rawValue)
    #expect(result.operations == result.values.0 * result.values.1)
    let workload = try #require(KernelWorkload(named: name))
    let expected = workload.referenceChecksum(result: result, job: 1, seed: 0xfeed, parameters: parameters)
    #expect(result.checksum == expected)
    #expect(result.checksum != workload.referenceChecksum(result: result, job: 1, seed: 0xfeee, parameters: parameters))
  }

  @Test(arguments: jobs)
  func histogramsHoldEverySampleOfTheWindow(name: String, parameters: [String: UInt64]) {
    let record = TestMachine().run(name + parameters.map { " \($0.key)=\($0.value)" }.joined())[0]
    let samples = decodeCounts(record.histogram).reduce(0, +)
    #expect(samples * UInt64(record.result.histogram_unit) == record.result.operations)
  }

  /// Values of a second implementation in another language: the work is what its description says, and a change of it,
  /// after which no result compares with an older one, does not pass unnoticed.
  @Test(
    arguments: [
      ("cpu.integer", 1000, 0x5bae_93c5_d22b_9c54), ("cpu.float", 1000, 0x9cb8_13e8_66a1_c684),
      ("cpu.sha256", 10, 0xcc02_14e1_23e6_2087), ("cpu.branch", 100_000, 0xe25d_5136_b871_5f96),
    ] as [(String, UInt64, UInt64)])
  func checksumsOfASecondImplementation(name: String, operations: UInt64, checksum: UInt64) throws {
    var result = nm_result()
    result.values.0 = operations
    let workload = try #require(KernelWorkload(named: name))
    #expect(workload.referenceChecksum(result: result, job: 1, seed: 1, parameters: [:]) == checksum)
  }

  /// A guest chooses the number: the host must not be kept busy by it.
  @Test(.timeLimit(.minutes(2)), arguments: KernelWorkload.all.map(\.name.description))
  func aClaimThatTakesTooLongToRepeatIsNoAnswer(name: String) throws {
    var result = nm_result()
    let workload = try #require(KernelWorkload(named: name))
    for operations in [(1 << 40) - 1, 1 << 40, .max] as [UInt64] {
      (result.values.0, result.values.2) = (operations, .max)
      let checksum = workload.referenceChecksum(
        result: result, job: 1, seed: 1, parameters: [:], capacity: 1 << 30)
      // What is known without repeating it, or is of no batch, is answered whatever the number.
      let isClosedForm = ["memory.copy", "memory.triad", "memory.latency"].contains(name) && operations < 1 << 40
      #expect((checksum != nil) == (isClosedForm || workload.isNet), "\(operations)")
    }
  }

  @Test func theShortestWindowStillHasABatch() {
    for workload in ["cpu.integer", "cpu.branch", "memory.copy size=16384", "memory.latency size=16384"] {
      let record = TestMachine().run(workload + " window=1")[0]
      #expect(record.result.status == NM_STATUS_OK.rawValue)
      #expect(record.result.values.1 == 1)
    }
  }

  @Test func theTableHasEveryNameOnceAndFindsIt() {
    let names = KernelWorkload.all.map(\.name.description)
    #expect(names.count == 21)
    #expect(Set(names).count == names.count)
    for workload in KernelWorkload.all { #expect(KernelWorkload(named: workload.name.description) == workload) }
    #expect(KernelWorkload(named: "cpu") == nil)
  }

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ])
  func digestsOfThePublishedVectors(text: String, digest: String) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Int(SHA256.memorySize), alignment: 64)
    defer { unsafe memory.deallocate() }
    let function = SHA256(memory: Region(address: UInt64(UInt(bitPattern: memory)), count: SHA256.memorySize))
    let words = unsafe function.digest(Array((text + " ").utf8), count: text.utf8.count)
    let parts = [words.0, words.1, words.2, words.3, words.4, words.5, words.6, words.7]
    let hexadecimal = parts.map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }
    #expect(hexadecimal.joined() == digest)
  }

  @Test func theLatencyCycleVisitsEveryLineOnce() {
    let (lines, size) = (UInt64(257), 257 * 64)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: size * 2, alignment: 64)
    defer { unsafe memory.deallocate() }
    let base = UInt64(UInt(bitPattern: memory))
    _ = MemoryLatency(
      seed: 5, memory: Region(address: base, count: UInt64(size)),
      drawing: Region(address: base + UInt64(size), count: lines * 4))
    var visited: Set<UInt> = []
    var address = UInt(base)
    for _ in 0..<lines {
      visited.insert(address)
      address = unsafe UnsafePointer<UInt>(bitPattern: address)!.pointee
    }
    #expect(visited.count == Int(lines))
    #expect(address == UInt(base))
  }

  @Test func aBatchGivesTheSameChecksumEveryTime() {
    var workload = CPUInteger(seed: 3)
    #expect(workload.run(1000) == workload.run(1000))
    #expect(workload.run(1000) != workload.run(1001))
  }

  @Test func aWorkingSetThatDoesNotFitIsSkippedAndTheDefaultIsClipped() {
    let results = TestMachine().run("memory.copy size=1073741824", "memory.copy size=1", "memory.latency")
    #expect(results[0].result.status == NM_STATUS_SKIPPED.rawValue)
    #expect(results[0].reason.hasPrefix("needs 1073741824 bytes of arena"))
    #expect(results[1].result.status == NM_STATUS_FAILED.rawValue)
    #expect(results[2].result.status == NM_STATUS_OK.rawValue)
    #expect(results[2].result.values.2 < 64 << 20)
  }

  @Test func pagesAreTouchedOnceAndThenUsedUp() {
    let results = TestMachine().run("memory.touch pages=1024", "memory.touch pages=800", "memory.touch pages=1000")
    #expect(results.map(\.result.status) == [0, 0, 1])
    #expect(results[2].reason.hasSuffix("pages of the arena are still untouched"))
  }
}
