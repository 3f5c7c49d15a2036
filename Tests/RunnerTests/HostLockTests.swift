import CLinux
import LinuxSystem
import TestSupport
import Testing

@testable import Runner

/// The user for file accesses of the calling thread alone (setfsuid(2)); no header of this package's modules has it.
@_silgen_name("setfsuid") private func setFileSystemUser(_ user: UInt32) -> Int32

@Suite struct HostLockTests {
  @Test func aLockThatAnotherProcessHoldsNamesIt() throws {
    let file = try TemporaryFile([], suffix: ".lock")
    let path = file.path
    // The shell writes its own number into the file, locks it and waits to be killed.
    let child = try ChildProcess(
      "/bin/sh", ["-c", "exec 9<>\(path); echo process $$ >&9; flock 9; echo held; exec sleep 1000"])
    var said: [UInt8] = []
    while !said.contains(UInt8(ascii: "\n")) {
      let ended = unsafe child.drain(until: MonotonicClock.now + 100_000_000) {
        unsafe said += $0
      }
      try #require(!ended, "flock(1) is needed")
    }
    let pid = child.pid
    let error = #expect(throws: HostLockError.self) { _ = try HostLock(path: path) }
    #expect(error?.description.contains("process \(pid)") == true)
    #expect(error?.description.contains(path) == true)
  }

  @Test func whatARunThatWasKilledLeftBehindIsWaitedFor() throws {
    let file = try TemporaryFile([], suffix: ".lock")
    let path = file.path
    // The shell names a process that is gone, and what it starts has the lock for a while after it.
    let child = try ChildProcess(
      "/bin/sh", ["-c", "exec 9<>\(path); echo process 2147483646 >&9; flock 9; sleep 0.5 & echo held"])
    var said: [UInt8] = []
    while !said.contains(UInt8(ascii: "\n")) {
      let ended = unsafe child.drain(until: MonotonicClock.now + 100_000_000) {
        unsafe said += $0
      }
      if ended { break }
    }
    try #require(said.contains(UInt8(ascii: "\n")), "flock(1) is needed")
    #expect(throws: Never.self) { _ = try HostLock(path: path) }
  }

  @Test func theHolderIsThisProcessAndTheLockGoesWithItsOwner() throws {
    let file = try TemporaryFile(Array("process 123456789 of long ago".utf8), suffix: ".lock")
    let path = file.path
    do {
      let lock = try HostLock(path: path)
      let error = #expect(throws: HostLockError.self) { _ = try HostLock(path: path) }
      #expect(error?.description.contains(": process \(getpid()) holds \(path)") == true)
      _ = consume lock
    }
    _ = try HostLock(path: path)
  }

  @Test(.enabled(if: geteuid() == 0, "needs root, to be somebody else for a moment"))
  func aFileThatAnotherUserLeftIsLockedAllTheSame() throws {
    let file = try TemporaryFile([], suffix: ".lock")
    let path = file.path
    #expect(unsafe chmod(path, 0o644) == 0)
    let thread = try PinnedThread(name: "somebody else") {
      _ = setFileSystemUser(65534)
      do throws(HostLockError) {
        let lock = try HostLock(path: path)
        #expect(throws: HostLockError.self) { _ = try HostLock(path: path) }
        _ = consume lock
      } catch { Issue.record(error) }
    }
    thread.join()
  }

  @Test func aLinkIsNotFollowed() throws {
    let target = try TemporaryFile(Array("precious".utf8), suffix: ".target")
    let link = target.path + ".lock"
    #expect(unsafe symlink(target.path, link) == 0)
    defer { _ = unsafe unlink(link) }
    #expect(throws: HostLockError.self) { _ = try HostLock(path: link) }
  }

  @Test func aFolderThatIsNotThereIsAnErrorWithThePath() {
    let error = #expect(throws: HostLockError.self) { _ = try HostLock(path: "/nowhere/lock") }
    #expect(error?.description.contains("/nowhere/lock") == true)
  }

  @Test func whoMayUseOneFolderAloneMeetsWhoMayUseBoth() throws {
    let own = try TemporaryFile([], suffix: ".own")
    let shared = try TemporaryFile([], suffix: ".shared")
    let lock = try HostLock(paths: [own.path, shared.path])
    for (first, second) in [("/nowhere/lock", shared.path), (own.path, "/nowhere/lock")] {
      let error = #expect(throws: HostLockError.self) { _ = try HostLock(paths: [first, second]) }
      #expect(error?.description.contains("another run is in progress") == true)
    }
    _ = consume lock
    _ = try HostLock(paths: ["/nowhere/lock", shared.path])
  }

  @Test func aPipeInItsPlaceIsAnErrorAndIsNotWaitedFor() throws {
    let place = try TemporaryFile([], suffix: ".pipe")
    let pipe = place.path + ".fifo"
    #expect(unsafe mkfifo(pipe, 0o666) == 0)
    defer { _ = unsafe unlink(pipe) }
    let error = #expect(throws: HostLockError.self) { _ = try HostLock(path: pipe) }
    #expect(error?.description.contains(pipe) == true)
  }

  @Test(.enabled(if: geteuid() == 0, "needs root, to be somebody else for a moment"))
  func aFileThatNobodyElseMayReadIsSaidInOneLine() throws {
    let file = try TemporaryFile([], suffix: ".lock")
    let path = file.path
    #expect(unsafe chmod(path, 0) == 0)
    let thread = try PinnedThread(name: "somebody else") {
      _ = setFileSystemUser(65534)
      let error = #expect(throws: HostLockError.self) { _ = try HostLock(path: path) }
      #expect(error?.description.contains("chmod a+r") == true)
      #expect(error?.description.contains("\n") == false)
    }
    thread.join()
  }
}
