import Glibc
import Machines
import Probe
import TestSupport
import Testing

@testable import Qualifying

@Suite(.serialized, .enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open")) struct GuestBootTests {
  private func boot(window: UInt64, memory: UInt64 = 128 << 20, resets: Bool = false) throws -> GuestBoot {
    GuestBoot(
      image: try ProbeImage.bundled(), tscFrequency: TSCFrequency.find(), cpus: [nil], memory: memory,
      jobs: [ProbeJob(number: 1, workload: "cpu.integer", seed: 7, warmup: 1_000_000, window: window)],
      resets: resets, patience: 30_000_000_000)
  }

  @Test(arguments: [false, true]) func aGuestThatAnswersHasNoProblem(resets: Bool) throws {
    #expect(GuestGroup().run([try boot(window: 5_000_000, resets: resets), try boot(window: 5_000_000)])[0] == nil)
  }

  @Test func whateverEndsItsProcessIsTheProblemOfOneGuest() throws {
    let boot = try boot(window: 20_000_000_000)
    let process = try boot.start()
    usleep(200_000)
    kill(process.pid, SIGKILL)
    let problem = try #require(boot.problem(of: process))
    #expect(problem.contains("it was killed by signal 9"), "\(problem)")
  }

  @Test func oneThatIsStoppedSaysSo() throws {
    let boot = try boot(window: 20_000_000_000)
    let process = try boot.start()
    usleep(200_000)
    process.cancel()
    #expect(boot.problem(of: process) == "interrupted")
  }
}
