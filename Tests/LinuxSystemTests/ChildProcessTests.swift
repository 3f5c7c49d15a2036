import CLinux
import LinuxSystem
import Testing

@Suite struct ChildProcessTests {
  private static let soon: UInt64 = 20_000_000_000

  private func output(of child: borrowing ChildProcess, until deadline: UInt64) -> (ended: Bool, bytes: [UInt8]) {
    var bytes: [UInt8] = []
    let ended = unsafe child.drain(until: deadline) { unsafe bytes.append(contentsOf: $0) }
    return (ended, bytes)
  }

  @Test func everyByteOfTheOutputArrives() throws {
    let child = try ChildProcess("/bin/sh", ["-c", "head -c 300000 /dev/zero; printf end"])
    let (ended, bytes) = output(of: child, until: MonotonicClock.now + Self.soon)
    #expect(ended)
    #expect(bytes.count == 300_003)
    #expect(bytes.suffix(3) == Array("end".utf8)[...])
  }

  @Test func theLastLineOfTheErrorsIsTheComplaint() throws {
    let child = try ChildProcess("/bin/sh", ["-c", "echo first >&2; echo last >&2"])
    #expect(output(of: child, until: MonotonicClock.now + Self.soon).ended)
    let complaint = child.complaint()
    #expect(complaint == "last")
  }

  @Test func aChildThatFloodsItsOutputIsLeftAtTheDeadline() throws {
    let child = try ChildProcess("/bin/sh", ["-c", "exec cat /dev/zero"])
    var count = 0
    let ended = unsafe child.drain(until: MonotonicClock.now + 200_000_000) {
      count += $0.count
    }
    #expect(!ended)
    #expect(count > 0)
  }

  @Test func aChildThatFloodsItsErrorsIsLeftAtTheDeadline() throws {
    let child = try ChildProcess("/bin/sh", ["-c", "exec cat /dev/zero >&2"])
    #expect(!output(of: child, until: MonotonicClock.now + 50_000_000).ended)
    let complaint = child.complaint().utf8.count
    #expect(complaint <= 4096 * 3)
  }

  @Test func cancellingLeavesAChildThatSaysNothing() throws {
    let child = try ChildProcess("/bin/sleep", ["1000"])
    let ended = unsafe child.drain(until: .max, isCancelled: { true }, { _ in })
    #expect(!ended)
  }

  @Test func aChildIsKilledAndReapedWithItsOwner() throws {
    let pid: Int32
    do {
      let child = try ChildProcess("/bin/sleep", ["1000"])
      pid = child.pid
      #expect(kill(pid, 0) == 0)
    }
    #expect(kill(pid, 0) != 0)
  }

  @Test func aProgramThatIsNotThereIsAnErrorWithItsPath() {
    let error = #expect(throws: SystemError.self) { _ = try ChildProcess("/nowhere/program", []) }
    #expect(error?.description == "cannot start /nowhere/program: No such file or directory")
  }

  @Test func aChildApartLeadsItsOwnGroupAndBlocksNoSignal() throws {
    var (blocked, before) = (sigset_t(), sigset_t())
    unsafe sigemptyset(&blocked)
    unsafe sigaddset(&blocked, SIGUSR2)
    unsafe pthread_sigmask(SIG_BLOCK, &blocked, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    let script =
      "read a b c d group rest < /proc/$$/stat; [ $group = $$ ] && echo own; exec grep SigBlk /proc/self/status"
    func said(isApart: Bool) throws -> [Substring] {
      let child = try ChildProcess("/bin/sh", ["-c", script], isApart: isApart)
      return String(decoding: output(of: child, until: MonotonicClock.now + Self.soon).bytes, as: UTF8.self).split(
        separator: "\n")
    }
    #expect(try said(isApart: true) == ["own", "SigBlk:\t0000000000000000"])
    #expect(try said(isApart: false) != said(isApart: true))
  }

  @Test func aChildHasDescriptorsUnderTheNumbersThatFollowEachOther() throws {
    let files = try ["one", "two", "three"].map { text in
      let file = try FileBox(UnnamedFile.make(in: "/var/tmp"))
      _ = unsafe text.withCString { unsafe write(file.descriptor.rawValue, $0, text.utf8.count) }
      return file
    }
    // Numbers that are taken by others of them on the way.
    let child = try ChildProcess(
      "/bin/sh", ["-c", "for n in 3 4 5; do cat /proc/self/fd/$n; done"],
      passing: files.reversed().map { $0.descriptor.rawValue })
    var output: [UInt8] = []
    #expect(unsafe child.drain(until: MonotonicClock.now + 10_000_000_000) { unsafe output += $0 })
    #expect(String(decoding: output, as: UTF8.self) == "threetwoone")
  }

  private final class FileBox {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
  }
}
