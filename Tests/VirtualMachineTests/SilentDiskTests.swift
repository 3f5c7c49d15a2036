import Devices
import KVM
import LinuxSystem
import Probe
import Storage
import TestSupport
import Testing

@testable import VirtualMachine

/// A disk that does not answer: the machine ends at its deadline, says so, and leaves behind what still waits.
@Suite(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"), .timeLimit(.minutes(2)))
struct SilentDiskTests {
  private static let attachments: [DiskConfiguration.Attachment] = [
    .virtioMMIO(.notified), .virtioMMIO(.polled()), .ide,
  ]

  @Test(arguments: attachments)
  func aMachineWhoseDiskDoesNotAnswerEndsAndNamesTheDisk(attachment: DiskConfiguration.Attachment) throws {
    let frequency = MonotonicClock.tscFrequency()
    // A request takes 20 s, in which the engine's thread hears nothing.
    let silence = InjectedDelay(.ticks(frequency * 20_000), longest: frequency * 20_000)
    let configuration = MachineConfiguration(
      memory: 64 << 20, pages: .small, ioCPU: try CPUAffinity.allowed().last,
      disks: [DiskConfiguration(.null(size: 16 << 20), attachment: attachment, delay: silence)])
    let machine = try Machine(try System(), configuration, serial: { _ in }, marker: { _ in })
    let image = try ProbeImage.bundled()
    let job = ProbeJob(
      number: 1, workload: "block.randread", seed: 1, warmup: 0, window: 1_000_000, parameters: ["verify": 0])
    try machine.load(
      image.elf, name: image.path, commandLine: "tsc_khz=\(frequency) cpus=1",
      module: ProbeJob.text([job], tscFrequency: frequency))
    let end = try machine.run(until: MonotonicClock.now + 5_000_000_000)
    guard case .timedOut(let places) = end else { throw UnexpectedEnd(end: end) }
    #expect(machine.diskFailure?.contains("not answer") == true, "\(machine.diskFailure ?? "nothing")")
    #expect(places.contains(attachment == .ide ? "in the monitor" : "at RIP"), "\(places)")
    #expect(machine.statistics()["monitor.mmio_writes"] != nil, "what is counted can still be asked for")
  }
}
