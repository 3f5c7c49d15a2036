import CLinux
import KVM
import LinuxSystem
import Probe
import ProbeABI
import Synchronization
import TestSupport
import Testing
import VirtualMachine

@Suite(.enabled(if: Host.hasKVM, "needs a /dev/kvm that this user may open"))
struct MachineTests {
  /// What guests leave behind.
  private final class Log: Sendable {
    let bytes = Mutex<[UInt8]>([])
    let markers = Mutex<[UInt32]>([])
  }

  private func run(_ code: [UInt8], vcpus: Int = 1) throws -> MachineEnd {
    try TestGuest.machine(code, vcpus: vcpus).run(until: TestGuest.patience)
  }

  @Test(arguments: [0, 0x10, 0x1234_5678, .max] as [UInt32])
  func aGuestEndsWithItsValue(value: UInt32) throws {
    #expect(try run(Code.exit(value)) == .exited(value))
  }

  @Test func theFirstEndCounts() throws {
    #expect(try run(Code.out(0xf4, 1) + Code.exit(2)) == .exited(1))
    #expect(try run(Code.outByte(0x64, 0xfe) + Code.exit(2)) == .reset)
  }

  @Test func anExitDelayStandsBetweenTheExits() throws {
    let times = Mutex<[UInt64]>([])
    let code = (0..<5).flatMap { _ in Code.outByte(wide: 0x3f8, 0x2e) } + Code.exit(0)
    let machine = try TestGuest.machine(
      code, exitDelay: 500_000, serial: { _ in times.withLock { $0.append(BusyWait.now) } })
    #expect(try machine.run(until: TestGuest.patience) == .exited(0))
    let arrivals = times.withLock { $0 }
    #expect(arrivals.count == 5)
    #expect(zip(arrivals, arrivals.dropFirst()).allSatisfy { $1 - $0 >= 500_000 })
  }

  @Test func onlyTheResetCommandResets() throws {
    #expect(try run(Code.outByte(0x64, 0xd1) + Code.exit(7)) == .exited(7))
  }

  @Test func whatTheGuestSendsArrives() throws {
    let log = Log()
    let code = "hello".utf8.flatMap { Code.outByte(wide: 0x3f8, $0) } + Code.exit(0)
    let machine = try TestGuest.machine(code, serial: { byte in log.bytes.withLock { $0.append(byte) } })
    #expect(try machine.run(until: TestGuest.patience) == .exited(0))
    #expect(log.bytes.withLock { $0 } == Array("hello".utf8))
  }

  @Test func markersArriveInTheirOrder() throws {
    let log = Log()
    // mov dx, 0x4e40; mov eax, VALUE; out dx, eax
    let code = [NM_MARKER_OPEN | 1, NM_MARKER_CLOSE | 1].flatMap { value -> [UInt8] in
      [0x66, 0xba, 0x40, 0x4e, 0xb8] + TestGuest.words(value) + [0xef]
    }
    let machine = try TestGuest.machine(
      code + Code.exit(0), marker: { value in log.markers.withLock { $0.append(value) } })
    #expect(try machine.run(until: TestGuest.patience) == .exited(0))
    #expect(log.markers.withLock { $0 } == [NM_MARKER_OPEN | 1, NM_MARKER_CLOSE | 1])
  }

  @Test func aGuestThatSpinsIsEndedAtItsDeadlineAndFoundInItsLoop() throws {
    let machine = try TestGuest.machine([0x90, 0x90] + Code.spin)
    let end = try machine.run(until: MonotonicClock.now + 1_000_000_000)
    guard case .timedOut(let places) = end else { throw UnexpectedEnd(end: end) }
    #expect(places.hasPrefix("vCPU 0 at RIP 0x100002, CPL 0"))
  }

  @Test func everyVCPUOfAGuestThatIsLateIsNamed() throws {
    let machine = try TestGuest.machine(Code.spin, vcpus: 2)
    let end = try machine.run(until: MonotonicClock.now + 1_000_000_000)
    guard case .timedOut(let places) = end else { throw UnexpectedEnd(end: end) }
    #expect(places.contains("vCPU 0 at RIP 0x100000") && places.contains("; vCPU 1 at RIP"))
  }

  @Test func aDeadlineThatHasPassedStillEndsTheMachine() throws {
    let end = try TestGuest.machine(Code.spin).run(until: 0)
    guard case .timedOut = end else { throw UnexpectedEnd(end: end) }
  }

  private static let fatal: [(name: String, code: [UInt8])] = [
    // Nothing is in the interrupt table: one exception becomes three.
    ("undefined instruction", Code.undefined),
    // lidt [0x100100], a limit of zero; int3 would do as well
    ("no interrupt table", [0x0f, 0x01, 0x1d] + TestGuest.words(0x10_0100) + Code.undefined),
    ("no memory at the instruction pointer", Code.jump(0xe000_0000)),
    ("the devices' page as code", Code.jump(NM_TEST_DEVICE)),
    ("the end of the address space", Code.jump(0xffff_fff8)),
    // mov cr0, eax with paging and without protection: a general protection fault
    ("impossible control register", [0xb8] + TestGuest.words(0x8000_0000) + [0x0f, 0x22, 0xc0]),
  ]

  @Test(arguments: fatal)
  func aGuestThatCannotGoOnFailsWithItsPlace(name: String, code: [UInt8]) throws {
    let machine = try TestGuest.machine(code)
    let end = try machine.run(until: MonotonicClock.now + 5_000_000_000)
    switch end {
    case .failed(let reason):
      #expect(reason.hasPrefix("vCPU 0: ") && reason.contains("at RIP 0x"), "\(name): \(reason)")
    // What runs on through memory without code may also never end; then the watchdog ends it.
    case .timedOut(let places): #expect(places.contains("vCPU 0 at RIP"), "\(name): \(places)")
    default: throw UnexpectedEnd(end: end)
    }
  }

  @Test func aTripleFaultIsNamed() throws {
    let end = try run(Code.undefined)
    guard case .failed(let reason) = end else { throw UnexpectedEnd(end: end) }
    #expect(reason.contains("triple fault"))
  }

  @Test(arguments: [Code.spin, [0xf4] + Code.spin, [0xfa, 0xf4] + Code.spin] as [[UInt8]])
  func stopEndsAMachineFromAnotherThread(code: [UInt8]) throws {
    let machine = try TestGuest.machine(code, vcpus: 2)
    let thread = try PinnedThread(name: "stopper") {
      usleep(20_000)
      machine.stop()
    }
    #expect(try machine.run(until: TestGuest.patience) == .stopped)
    thread.join()
  }

  @Test func aMachineThatWasStoppedBeforeItRanDoesNotRun() throws {
    let machine = try TestGuest.machine(Code.exit(1))
    machine.stop()
    #expect(try machine.run(until: TestGuest.patience) == .stopped)
  }

  @Test func aSecondProcessorRunsAndEndsTheMachine() throws {
    let trampoline = Code.store(0x8000, 0xf4e6_42b0) + Code.store(0x8004, 0x0000_f4f4)
    let interrupts: [UInt8] = [0x0000_4500, 0x0000_4608, 0x0000_4608].flatMap { (command: UInt32) -> [UInt8] in
      Code.store(0xfee0_0310, 0x0100_0000) + Code.store(0xfee0_0300, command)
    }
    let end = try run(trampoline + Code.store(0xfee0_00f0, 0x1ff) + interrupts + Code.spin, vcpus: 2)
    #expect(end == .exited(0x42))
  }

  @Test func machinesLeaveNeitherDescriptorsNorThreads() throws {
    let before = try (ProcessFolder.count("fd"), ProcessFolder.count("task"))
    for round in 0..<200 {
      let end = try TestGuest.machine(round % 2 == 0 ? Code.exit(1) : Code.undefined, vcpus: 1 + round % 2)
        .run(until: TestGuest.patience)
      #expect(end != .stopped)
    }
    // Other tests open and start things meanwhile; a leak of one a machine would be 200.
    let after = try (ProcessFolder.count("fd"), ProcessFolder.count("task"))
    #expect(after.0 < before.0 + 100)
    #expect(after.1 < before.1 + 100)
  }

  @Test func machinesThatNeverRanLeaveNothingEither() throws {
    let before = try ProcessFolder.count("fd")
    for _ in 0..<200 { _ = try TestGuest.machine(Code.spin) }
    #expect(try ProcessFolder.count("fd") < before + 100)
  }

  @Test func exitsAreCounted() throws {
    let machine = try TestGuest.machine([UInt8](repeating: 0, count: 0) + Code.exit(1))
    let before = machine.statistics()["vcpu.exits"]
    _ = try machine.run(until: TestGuest.patience)
    guard let before, let after = machine.statistics()["vcpu.exits"] else { return }
    #expect(after > before)
  }
}

/// An end that a test did not mean to see.
struct UnexpectedEnd: Error, CustomStringConvertible {
  let end: MachineEnd
  var description: String { "found \(end)" }
}
