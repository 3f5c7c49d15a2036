import Probe
import ProbeABI
import Testing

@Suite(
  "The probe's disk drivers when something is wrong",
  .enabled(if: QEMU.isUsable, "needs qemu-system-x86_64 in PATH and a /dev/kvm that may be opened"), .serialized)
struct DriverFailureTests {
  private func answer(_ qemu: QEMU, _ job: ProbeJob, corrupted: Int? = nil) throws -> (status: UInt32, reason: String) {
    let disk = try TestDisk(corrupted: corrupted)
    let result = try #require(try qemu.run([job], disk: disk.path)[job.number])
    return (result.figures.status, result.reason)
  }

  private let read = DriverJobs.job(1, "block.read", depth: 1, waits: false, blockSize: 65536)

  /// Where the warm-up of that job starts: half of the half that is read behind where its seed says.
  private let warmUp = 1_245_184

  @Test(arguments: [false, true])
  func oneWrongBitOnTheDiskFailsTheJobThatReadsIt(waits: Bool) throws {
    // The warm-up looks at every word.
    let place = warmUp + 0x2345
    let job = DriverJobs.job(1, "block.read", depth: 4, waits: waits, blockSize: 65536)
    let (status, reason) = try answer(.memoryMapped(), job, corrupted: place)
    #expect(status == NM_STATUS_FAILED.rawValue)
    #expect(reason.hasPrefix("wrong data at offset \(place & ~7):"), "\(reason)")
  }

  @Test func anErrorOfTheDiskFailsTheJobWithItsErrno() throws {
    var qemu = QEMU.memoryMapped()
    qemu.device[3] =
      "if=none,id=d,format=raw,file.driver=blkdebug,file.image.driver=file,file.image.filename=DISK"
      + ",file.inject-error.0.event=read_aio,file.inject-error.0.errno=5"
    let (status, reason) = try answer(qemu, read)
    #expect(status == NM_STATUS_FAILED.rawValue)
    #expect(reason == "read at offset \(warmUp) failed: errno 5")
  }

  @Test(arguments: [false, true])
  func aDiskThatFallsSilentFailsItsJobAndThoseAfterItByTheirDeadlines(waits: Bool) throws {
    var qemu = QEMU.memoryMapped()
    qemu.device[3] += ",throttling.bps-read=1,throttling.bps-read-max=300000"
    let disk = try TestDisk()
    let jobs = (1...2).map { number in
      DriverJobs.job(number, "block.randread", depth: 32, waits: waits, milliseconds: 1000, deadline: 100)
    }
    let results = try qemu.run(jobs, disk: disk.path)
    #expect(results[1]?.figures.status == NM_STATUS_FAILED.rawValue)
    #expect(results[1]?.reason == "no completion within 100 ms")
    #expect(results[2]?.figures.status == NM_STATUS_FAILED.rawValue)
    #expect(results[2]?.reason == "the device still holds requests of job 1")
  }

  @Test func aDiskThatIsSilentFromTheStartFailsJobsWithAReason() throws {
    var qemu = QEMU.memoryMapped()
    qemu.device[3] += ",throttling.bps-read=1"
    let (status, reason) = try answer(qemu, read)
    #expect(status == NM_STATUS_FAILED.rawValue)
    #expect(reason == "the virtio disk does not answer a first read")
  }

  @Test func writingToAReadOnlyDiskFailsReadingItDoesNot() throws {
    var qemu = QEMU.memoryMapped()
    qemu.device[3] += ",readonly=on"
    let disk = try TestDisk()
    let write = DriverJobs.job(2, "block.write", depth: 1, waits: false)
    let results = try qemu.run([read, write], disk: disk.path)
    #expect(results[1]?.figures.status == NM_STATUS_OK.rawValue)
    #expect(results[2]?.figures.status == NM_STATUS_FAILED.rawValue)
    #expect(results[2]?.reason.hasSuffix("errno 30") == true)
  }

  @Test func aLegacyVirtioMmioDiskIsRefusedWithTheReason() throws {
    var qemu = QEMU.memoryMapped()
    qemu.device[1] = "virtio-mmio.force-legacy=true"
    let (status, reason) = try answer(qemu, read)
    #expect(status == NM_STATUS_FAILED.rawValue)
    #expect(reason == "the virtio-mmio device is a legacy one (version 1); version 2 is needed")
  }

  @Test(arguments: [
    ("", "this machine has no block device"), ("block=none", "this machine has no block device"),
    ("block=mmio", "this machine has no block device of the kind asked for: mmio"),
    ("block=pci", "this machine has no block device of the kind asked for: pci"),
    ("block=ide-pio", "this machine has no block device of the kind asked for: ide-pio"),
    ("block=ide-dma", "this machine has no block device of the kind asked for: ide-dma"),
  ])
  func withoutTheDiskAskedForJobsAreSkippedAndSaySo(options: String, expected: String) throws {
    let qemu = QEMU(machine: "microvm,acpi=off", device: [], options: options)
    let result = try #require(try qemu.run([read])[1])
    #expect(result.figures.status == NM_STATUS_SKIPPED.rawValue)
    #expect(result.reason == expected)
  }

  @Test func aWordThatNamesNoKindOfDiskFailsJobs() throws {
    let (status, reason) = try answer(.memoryMapped("", "block=floppy"), read)
    #expect(status == NM_STATUS_FAILED.rawValue)
    #expect(reason == "expected block= of mmio, pci, ide-pio, ide-dma, auto or none")
  }
}
