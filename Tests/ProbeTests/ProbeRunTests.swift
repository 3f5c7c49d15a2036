import CLinux
import KVM
import Kernels
import LinuxSystem
import Probe
import ProbeABI
import Testing
import VirtualMachine

/// The same jobs natively and in a guest. One at a time: the native probe has fixed addresses.
@Suite(.serialized) struct ProbeRunTests {
  private static let seed: UInt64 = 0x5eed
  private static let jobs = [
    ProbeJob(number: 1, workload: "cpu.integer", seed: seed, warmup: 0, window: 5_000_000),
    ProbeJob(number: 2, workload: "memory.touch", seed: seed, warmup: 0, window: 1_000_000, parameters: ["pages": 64]),
    ProbeJob(number: 3, workload: "no.such", seed: seed, warmup: 0, window: 1_000_000),
  ]

  private func results(_ stream: RecordStream) -> [UInt32: ProbeResult] {
    var all: [UInt32: ProbeResult] = [:]
    for arrival in stream.arrivals { if case .result(let job, let result) = arrival.record { all[job] = result } }
    return all
  }

  private func native() throws -> (failures: Int64, stream: RecordStream) {
    let stream = RecordStream()
    let frequency = MonotonicClock.tscFrequency()
    let arena = try Mapping.anonymous(count: 64 << 20, alignment: 2 << 20)
    let probe = try NativeProbe.map(ProbeImage.bundled())
    let text = ProbeJob.text(Self.jobs, tscFrequency: frequency)
    let failures = unsafe probe.run(text, arena: arena, tscFrequency: frequency, records: stream, marker: { _ in })
    return (failures, stream)
  }

  private func guest() throws -> RecordStream {
    let stream = RecordStream()
    let frequency = MonotonicClock.tscFrequency()
    let image = try ProbeImage.bundled()
    let machine = try Machine(
      try System(), MachineConfiguration(memory: 64 << 20), serial: { stream.receive($0) }, marker: { _ in })
    try machine.load(
      image.elf, name: image.path, commandLine: "tsc_khz=\(frequency) cpus=1",
      module: ProbeJob.text(Self.jobs, tscFrequency: frequency))
    let end = try machine.run(until: MonotonicClock.now + 30_000_000_000)
    #expect(end == .exited(NM_EXIT_FAILED), "the unknown workload counts as a failure")
    return stream
  }

  @Test(.enabled(if: (try? System()) != nil, "needs a /dev/kvm that this user may open"))
  func knownInstructionsAreAsManyAsTheRoundsSay() throws {
    let stream = RecordStream()
    let frequency = MonotonicClock.tscFrequency()
    let image = try ProbeImage.bundled()
    let jobs = [("rounds", 1000), ("rounds", UInt64(1) << 33)].enumerated().map { index, parameter in
      ProbeJob(
        number: UInt32(index + 1), workload: "audit.instructions", seed: 1, warmup: 0, window: 1,
        parameters: [parameter.0: parameter.1])
    }
    let machine = try Machine(
      try System(), MachineConfiguration(memory: 64 << 20), serial: { stream.receive($0) }, marker: { _ in })
    try machine.load(
      image.elf, name: image.path, commandLine: "tsc_khz=\(frequency) cpus=1",
      module: ProbeJob.text(jobs, tscFrequency: frequency))
    _ = try machine.run(until: MonotonicClock.now + 30_000_000_000)
    let results = results(stream)
    #expect(results[1]?.figures.status == NM_STATUS_OK.rawValue && results[1]?.figures.operations == 2000)
    #expect(results[2]?.reason == "expected rounds= from 1 to 2^32")
  }

  /// As where what follows `sti` is not kept free of interrupts. Without the handlers' help the first such halt never ends.
  @Test(.enabled(if: (try? System()) != nil, "needs a /dev/kvm that this user may open"))
  func anInterruptThatComesBetweenTheLookAndTheHaltEndsIt() throws {
    let stream = RecordStream()
    let frequency = MonotonicClock.tscFrequency()
    let image = try ProbeImage.bundled()
    let job = ProbeJob(number: 1, workload: "audit.halt", seed: 1, warmup: 0, window: 1)
    let machine = try Machine(
      try System(), MachineConfiguration(memory: 64 << 20), serial: { stream.receive($0) }, marker: { _ in })
    try machine.load(
      image.elf, name: image.path, commandLine: "tsc_khz=\(frequency) cpus=1",
      module: ProbeJob.text([job], tscFrequency: frequency))
    let end = try machine.run(until: MonotonicClock.now + 30_000_000_000)
    #expect(end == .exited(NM_EXIT_DONE))
    #expect(results(stream)[1]?.figures.operations == 15)
  }

  private func checkChecksums(_ results: [UInt32: ProbeResult]) throws {
    for job in Self.jobs.prefix(2) {
      let result = try #require(results[job.number])
      #expect(result.figures.status == NM_STATUS_OK.rawValue, "\(result.reason)")
      let workload = try #require(KernelWorkload(named: job.workload))
      let expected = workload.referenceChecksum(
        result: result.figures, job: job.number, seed: Self.seed, parameters: job.parameters)
      #expect(result.figures.checksum == expected)
    }
    #expect(results[3]?.figures.status == NM_STATUS_FAILED.rawValue)
  }

  @Test func theNativeProbeComputesWhatTheHostComputes() throws {
    let (failures, stream) = try native()
    #expect(stream.error == nil)
    #expect(failures == 1)
    try checkChecksums(results(stream))
  }

  @Test(.enabled(if: (try? System()) != nil, "needs a /dev/kvm that this user may open"))
  func theGuestComputesWhatTheNativeProbeComputes() throws {
    let stream = try guest()
    #expect(stream.error == nil)
    let guests = results(stream)
    try checkChecksums(guests)
    // Batches are sized by time, but the pages of this workload are a parameter: the same work, the same checksum.
    let natives = results(try native().stream)
    #expect(guests[2]?.figures.checksum == natives[2]?.figures.checksum)
    #expect(guests[2]?.figures.values.0 == 64)
  }

  @Test func aSecondNativeProbeIsRefusedWhileOneIsMapped() throws {
    let first = try NativeProbe.map(ProbeImage.bundled())
    let error = #expect(throws: SystemError.self) { _ = try NativeProbe.map(ProbeImage.bundled()) }
    #expect(error?.description.contains("no other native leg") == true)
    _ = consume first
    _ = try NativeProbe.map(ProbeImage.bundled())
  }
}
