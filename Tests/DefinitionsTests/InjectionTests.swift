import Definitions
import Results
import Testing

@Suite struct InjectionTests {
  @Test(arguments: [
    ("io-delay=200ns", InjectionKind.ioDelay, 200.0), ("exit-delay=2us", .exitDelay, 2000),
    ("guest-delay=1ns", .guestDelay, 1), ("io-slow=10%", .ioSlow, 10), ("io-slow=2.5%", .ioSlow, 2.5),
  ])
  func slowdownsAreRead(text: String, kind: InjectionKind, amount: Double) throws {
    let injection = try #require(InjectionRecord(text))
    #expect(injection == InjectionRecord(kind, amount: amount))
    #expect(InjectionRecord(injection.description) == injection)
  }

  @Test(arguments: [
    "", "io-delay", "io-delay=", "io-delay=0ns", "io-delay=-1ns", "io-delay=200", "io-delay=1s", "io-delay=101ms",
    "io-delay=200KiB", "io-slow=10", "io-slow=0%", "io-slow=-5%", "io-slow=nan%", "io-slow=inf%", "io-slow=1001%",
    "disk-delay=1us", "io-delay=10%",
  ])
  func whatIsNoSlowdownIsRefused(text: String) {
    #expect(InjectionRecord(text) == nil)
  }

  @Test func onlyTheNearmetalLegsOfItsPathAreReached() {
    let polled = Path(.nearmetal, .polled)
    #expect(InjectionKind.ioSlow.reaches(Workload("block.randread"), on: polled))
    #expect(!InjectionKind.ioSlow.reaches(Workload("block.randread"), on: .native))
    #expect(!InjectionKind.ioDelay.reaches(Workload("block.randread"), on: Path(.qemu, .paravirtual)))
    #expect(!InjectionKind.ioDelay.reaches(Workload("block.randread"), on: Path(.nearmetal, .vhostUser)))
    #expect(InjectionKind.extraExits.reaches(Workload("block.randread"), on: Path(.nearmetal, .vhostUser)))
    #expect(!InjectionKind.ioDelay.reaches(Workload("cpu.integer"), on: Path(.nearmetal, .guest)))
    #expect(!InjectionKind.exitDelay.reaches(Workload("block.randread"), on: polled))
    #expect(InjectionKind.exitDelay.reaches(Workload("block.randread"), on: Path(.nearmetal, .emulated)))
    #expect(InjectionKind.exitDelay.reaches(Workload("exits.pio.user"), on: Path(.nearmetal, .guest)))
    #expect(!InjectionKind.guestDelay.reaches(Workload("exits.cpuid"), on: Path(.nearmetal, .guest)))
    #expect(InjectionKind.guestDelay.reaches(Workload("cpu.integer"), on: Path(.nearmetal, .guest)))
  }

  @Test func aSuiteSaysWhichOfItsWorkloadsAreReached() throws {
    let suite = try SuiteReader.read("calibrate")
    #expect(InjectionRecord(.ioSlow, amount: 10).reached(in: suite) == ["block.randread backing=file bs=4KiB qd=1"])
    #expect(InjectionRecord(.exitDelay, amount: 10).reached(in: suite) == [])
    #expect(InjectionRecord(.guestDelay, amount: 10).reached(in: suite).count == 3)
  }

  @Test func modesOfASuiteLimitItsLegs() throws {
    let suite = try SuiteReader.read("calibrate")
    let paths = Set(Plan(suite, seed: 1).sessions.filter { $0.disk != nil }.map(\.path))
    #expect(paths == [Path.native, Path(.nearmetal, .polled)])
  }
}
