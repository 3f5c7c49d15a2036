import CLinux
import Glibc
import SystemPackage

/// A child process, killed and reaped when its owner goes. It inherits the calling thread's CPU affinity.
public struct ChildProcess: ~Copyable, Sendable {
  private let process: ProcessHandle
  /// What the child writes to its standard output, non-blocking; its standard error goes to `errors`.
  public let output: Descriptor
  private let errors: Descriptor
  /// What the child reads from its standard input; nil for one whose input is empty.
  private let input: Descriptor?

  public var pid: Int32 { process.pid }

  /// Part of util-linux, which every Debian has.
  private static let guardian = "/usr/bin/setpriv"
  /// The number of the first descriptor that was passed on; others follow it.
  public static let passed: Int32 = 3

  /// Starts a program.
  /// - Parameters:
  ///   - path: its file.
  ///   - arguments: all but the first, which is the path.
  ///   - isApart: whether it leads a process group of its own, which the terminal's Ctrl-C does not reach, and starts with no
  ///     signal blocked, whatever this process blocks.
  ///   - passing: descriptors that the child has as `ChildProcess.passed` and the numbers behind it.
  ///   - listens: whether it has a standard input that can be written to, ``inputDescriptor``.
  ///   - diesWithCaller: whether it is killed when the calling thread ends, however that comes about.
  public init(
    _ path: String, _ arguments: [String], isApart: Bool = false, passing: [Int32] = [], listens: Bool = false,
    diesWithCaller: Bool = false
  ) throws(SystemError) {
    let input = listens ? try Self.pipe(nonBlocking: false) : nil
    let output = try Self.pipe(nonBlocking: true)
    let errors = try Self.pipe(nonBlocking: true)
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    switch input {
    case .some(let input): unsafe posix_spawn_file_actions_adddup2(&actions, input.read.rawValue, 0)
    case .none: unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    unsafe posix_spawn_file_actions_adddup2(&actions, output.write.rawValue, 1)
    unsafe posix_spawn_file_actions_adddup2(&actions, errors.write.rawValue, 2)
    let copies = try Self.lift(passing)
    for (index, copy) in copies.enumerated() {
      unsafe posix_spawn_file_actions_adddup2(&actions, copy, Self.passed + Int32(index))
    }
    defer { for copy in copies { _ = close(copy) } }
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // What this process ignores for itself its children would ignore too.
    var defaults = sigset_t()
    unsafe sigemptyset(&defaults)
    unsafe sigaddset(&defaults, SIGPIPE)
    unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    // The group and the mask are those that the attributes were made with: a group named after the child, no signal.
    let apart = isApart ? POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK : 0
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | apart))
    var pid: pid_t = 0
    // prctl(PR_SET_PDEATHSIG) has to be called in the child, which posix_spawn cannot: setpriv(1) does, and becomes the program.
    let words = (diesWithCaller && isExecutable(Self.guardian) ? [Self.guardian, "--pdeathsig", "KILL"] : []) + [path]
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe (words + arguments).map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { while let word = unsafe pointers.popLast() { unsafe free(word) } }
    let code = unsafe posix_spawn(&pid, words[0], &actions, &attributes, pointers, nm_environ())
    guard code == 0 else { throw SystemError("start \(path)", Errno(rawValue: code)) }
    process = try ProcessHandle(owning: pid, name: path)
    self.output = output.takeRead()
    self.errors = errors.takeRead()
    self.input = input?.takeWrite()
  }

  /// Starts a program that has no sandbox of its own, held to a filter of system calls and without a way to more privileges. It is killed
  /// when the calling thread ends.
  /// - Parameters:
  ///   - path: its file.
  ///   - arguments: all but the first, which is the path.
  ///   - passing: descriptors that the child has as `ChildProcess.passed` and the numbers behind it.
  ///   - filter: a classic BPF program (seccomp(2)) that admits execve(2).
  public init(_ path: String, _ arguments: [String], passing: [Int32], filter: [UInt8]) throws(SystemError) {
    let output = try Self.pipe(nonBlocking: true)
    let errors = try Self.pipe(nonBlocking: true)
    let nothing = try Descriptor.open("/dev/null", O_RDONLY)
    let copies = try Self.lift(passing)
    defer { for copy in copies { _ = close(copy) } }
    let streams: [(Int32, Int32)] = [(nothing.rawValue, 0), (output.write.rawValue, 1), (errors.write.rawValue, 2)]
    let places = streams + copies.enumerated().map { ($0.element, Self.passed + Int32($0.offset)) }
    var pointers: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + arguments).map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { while let word = unsafe pointers.popLast() { unsafe free(word) } }
    process = try ProcessHandle.fork {
      signal(SIGPIPE, SIG_DFL)
      for (descriptor, place) in places { dup2(descriptor, place) }
      var code = nm_no_new_privileges()
      if code == 0 {
        code = unsafe filter.withUnsafeBytes { unsafe nm_filter_calls($0.baseAddress, $0.count / 8) }
      }
      if code == 0 {
        unsafe execve(path, pointers, nm_environ())
        code = nm_errno()
      }
      let words = Array("\(Errno(rawValue: code))\n".utf8)
      _ = unsafe write(2, words, words.count)
      _exit(127)
    }
    self.output = output.takeRead()
    self.errors = errors.takeRead()
    input = nil
  }

  /// Duplicates descriptors to numbers above those that the child has them under: none is replaced by another one's copy then.
  private static func lift(_ descriptors: [Int32]) throws(SystemError) -> [Int32] {
    var copies: [Int32] = []
    do throws(SystemError) {
      for descriptor in descriptors {
        copies.append(
          try systemCall("duplicate a descriptor") {
            Glibc.fcntl(descriptor, F_DUPFD_CLOEXEC, passed + Int32(descriptors.count))
          })
      }
    } catch {
      for copy in copies { _ = close(copy) }
      throw error
    }
    return copies
  }

  /// What ended a wait for a child.
  public enum Event: Sendable {
    case ended
    /// The other descriptor that was waited for can be read, or its other end is gone.
    case readable
    case timedOut
  }

  /// Passes the child's output on until it has ended and nothing is left, another descriptor can be read, or the deadline passes.
  /// - Parameters:
  ///   - descriptor: the other one; -1 for none.
  ///   - deadline: on `MonotonicClock`.
  ///   - body: takes each piece of output.
  public borrowing func wait(
    orReadable descriptor: Int32 = -1, until deadline: UInt64, _ body: (UnsafeRawBufferPointer) -> Void
  ) -> Event {
    while true {
      var entries = [
        pollfd(fd: output.rawValue, events: Int16(POLLIN), revents: 0),
        pollfd(fd: process.endDescriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let now = MonotonicClock.now
      let milliseconds = deadline > now ? Int32(clamping: (deadline - now) / 1_000_000 + 1) : 0
      _ = unsafe poll(&entries, 3, milliseconds)
      unsafe Self.readAll(output.rawValue, body)
      // A child that is gone closed its descriptors as well.
      if entries[1].revents != 0 { return .ended }
      if entries[2].revents != 0 { return .readable }
      if MonotonicClock.now >= deadline { return .timedOut }
    }
  }

  /// Passes the child's output on until it has ended and nothing is left, or the deadline passes.
  /// - Parameters:
  ///   - deadline: on `MonotonicClock`.
  ///   - isCancelled: asked about ten times a second.
  ///   - body: takes each piece of output.
  /// - Returns: whether the child ended by itself.
  public borrowing func drain(
    until deadline: UInt64, isCancelled: () -> Bool = { false }, _ body: (UnsafeRawBufferPointer) -> Void
  ) -> Bool {
    while MonotonicClock.now < deadline && !isCancelled() {
      if unsafe wait(until: min(deadline, MonotonicClock.now + 100_000_000), body) == .ended { return true }
    }
    return false
  }

  /// The number of the descriptor by which it is written to; nil for a child that does not listen.
  public var inputDescriptor: Int32? {
    switch input {
    case .some(let input): input.rawValue
    case .none: nil
    }
  }

  /// Stops a child of this process whole, and returns once none of its threads runs.
  public static func suspend(_ pid: Int32) {
    kill(pid, SIGSTOP)
    // WNOWAIT: whoever owns the child learns of its end by itself.
    var information = unsafe siginfo_t()
    _ = try? systemCall { unsafe waitid(P_PID, id_t(pid), &information, WSTOPPED | WEXITED | WNOWAIT) }
  }

  /// Lets it go on.
  public static func resume(_ pid: Int32) { kill(pid, SIGCONT) }

  /// The number of a descriptor that can be read once the child has ended.
  public var endDescriptor: Int32 { process.endDescriptor }

  /// The status that it ended with; nil while it runs, and where a signal killed it.
  public var exitStatus: Int32? { process.exitStatus }

  /// How the child ended: `killed by signal 9 (Killed)`, `it ended with status 3`; nil while it runs.
  public var ending: String? { process.ending }

  /// The last thing that the child said on its standard error, in one line; empty where it said nothing.
  public borrowing func complaint() -> String {
    var bytes: [UInt8] = []
    unsafe Self.readAll(errors.rawValue) { unsafe bytes.append(contentsOf: $0) }
    let lines = String(decoding: bytes.suffix(4096), as: UTF8.self).split(whereSeparator: \.isNewline)
    return lines.last.map(String.init) ?? ""
  }

  /// How the child ended and the last thing that it said, in one line.
  public borrowing func epitaph() -> String {
    let (ending, complaint) = (ending ?? "it still runs", complaint())
    return complaint.isEmpty ? ending : "\(ending); it said last: \(complaint)"
  }

  /// Reads what a pipe holds, and at most 2 MiB: no more fits into one, and a child that writes as fast as it is read must
  /// not keep its reader from looking at the clock.
  private static func readAll(_ fd: Int32, _ body: (UnsafeRawBufferPointer) -> Void) {
    unsafe withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 16) { buffer in
      for _ in 0..<32 {
        let count = try? systemCall { unsafe read(fd, buffer.baseAddress, buffer.count) }
        guard let count, count > 0 else { return }
        unsafe body(UnsafeRawBufferPointer(start: buffer.baseAddress, count: count))
      }
    }
  }

  private struct Pipe: ~Copyable {
    let read: Descriptor
    let write: Descriptor

    consuming func takeRead() -> Descriptor { read }
    consuming func takeWrite() -> Descriptor { write }
  }

  private static func pipe(nonBlocking: Bool) throws(SystemError) -> Pipe {
    var ends: [Int32] = [0, 0]
    try systemCall("make a pipe") { unsafe pipe2(&ends, O_CLOEXEC) }
    let made = Pipe(read: Descriptor(owning: ends[0]), write: Descriptor(owning: ends[1]))
    if nonBlocking { _ = nm_set_nonblocking(ends[0]) }
    return made
  }
}
