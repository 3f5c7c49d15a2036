import Foundation
import Results
import Testing

@Suite struct SuiteRecordTests {
  private static let digest = String(repeating: "0123456789abcdef", count: 4)
  private static let other = String(repeating: "f", count: 64)

  private static func record(
    kernel: String = "vmlinuz", _ digest: String? = digest, jobs: [String: String]? = nil
  ) -> SuiteRecord {
    var record = SuiteRecord(
      warmup: 1, window: 2, turn: "none", memory: 1 << 30, disk: 1 << 28, pages: "thp", entries: [])
    record.guest = SuiteRecord.Guest(kernel: kernel, initrd: "initrd", append: "")
    record.guest?.kernelSHA256 = digest
    record.jobs = jobs
    return record
  }

  @Test func aGuestsFilesAreTheSameByTheirContentWhereBothKnowIt() {
    let one = Self.record()
    #expect(SuiteRecord.differences(one, one).isEmpty)
    #expect(SuiteRecord.differences(one, Self.record(kernel: "elsewhere/vmlinuz")).isEmpty)
    #expect(
      SuiteRecord.differences(one, Self.record(Self.other)) == [
        "the kernel vmlinuz (SHA-256 0123456789ab) in the base, vmlinuz (SHA-256 ffffffffffff) in the head"
      ])
    // A result of an earlier version knows names alone.
    #expect(SuiteRecord.differences(one, Self.record(nil)).isEmpty)
    #expect(SuiteRecord.differences(one, Self.record(kernel: "bzImage", nil)).count == 1)
  }

  @Test func aJobFileThatChangedIsNamed() {
    let one = Self.record(jobs: ["a.fio": Self.digest, "only.fio": Self.digest])
    #expect(
      SuiteRecord.differences(one, Self.record(jobs: ["a.fio": Self.other])) == [
        "the job file a.fio (SHA-256 0123456789ab) in the base, a.fio (SHA-256 ffffffffffff) in the head"
      ])
    #expect(SuiteRecord.differences(one, Self.record()).isEmpty)
  }

  @Test func aRunWithoutAGuestIsToldFromOneWithAGuest() {
    var none = Self.record()
    none.guest = nil
    #expect(
      SuiteRecord.differences(none, Self.record()) == [
        "the kernel none in the base, vmlinuz (SHA-256 0123456789ab) in the head",
        "the initial RAM disk none in the base, initrd in the head",
      ])
  }

  @Test func itsDigestsAreKept() throws {
    let record = Self.record(jobs: ["a.fio": Self.digest])
    #expect(try JSONDecoder().decode(SuiteRecord.self, from: JSONEncoder().encode(record)) == record)
  }
}
