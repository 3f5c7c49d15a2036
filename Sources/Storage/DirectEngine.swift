import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// A disk in a file, or in parts of several, past the page cache: O_DIRECT requests in flight together through io_uring.
///
/// Reads and writes are asynchronous. A flush is `fdatasync` in `submit`, because swift-system's ring has no such operation;
/// so are discard, write-zeroes and transfers that O_DIRECT's alignment forbids, which go through a bounce buffer. Guest RAM is
/// not registered with the ring: swift-system transfers a registered buffer only as a whole.
public struct DirectEngine: ~Copyable, StorageEngine {
  private let file: BackingFile
  /// Files besides the first.
  private let others: ContainerFiles?
  private let alignment: DirectAlignment
  private let bounce: BounceTransfer
  private let slots: RequestSlots
  private var ring: IORing
  /// Requests that the ring may still take.
  private var ringLife: UInt32
  /// What came back while one ring followed another, and was not reaped yet.
  private var backlog: [StorageCompletion] = []
  private let event: EventCounter
  private var eventIsRegistered = false
  private var prepared = 0
  private var inFlight = 0
  /// Once the ring itself failed: every request in flight and to come ends with this errno.
  private var ringError: Int32 = 0

  public private(set) var counts = EngineCounts()
  public var capacity: UInt64 { file.capacity }
  public var isReadOnly: Bool { file.isReadOnly }
  public var maximumInFlight: Int { RequestSlots.count }

  /// What a ring is asked for at most.
  struct Limits {
    /// Requests before another ring follows it: swift-system counts them in 32 bits and ends the program where that comes around.
    var requests: UInt32 = 1 << 31
    /// Bytes of a request; Linux moves no more than 2 GiB less a page in one go.
    var bytes = 1 << 30
  }

  private let limits: Limits

  /// Opens a disk image or a block device; its size now is the disk's capacity.
  /// - Throws: `SystemError`, one line: no such file, a file system without O_DIRECT, a host without io_uring.
  public init(path: String, readOnly: Bool = false) throws(SystemError) {
    try self.init(path: path, readOnly: readOnly, limits: Limits())
  }

  init(path: String, readOnly: Bool, limits: Limits) throws(SystemError) {
    let opened = try BackingFile(path: path, flags: O_DIRECT, readOnly: readOnly)
    let needed = try DirectAlignment.of(opened.descriptor.rawValue, path: path)
    try self.init(opened, nil, needed, limits)
  }

  /// Opens files that hold a disk among other things, and may grow.
  init(containers files: [BlockFile]) throws(SystemError) {
    let first = files[0]
    let opened = try BackingFile(path: first.path, flags: O_DIRECT, readOnly: first.isReadOnly, isContainer: true)
    var needed = try DirectAlignment.of(opened.descriptor.rawValue, path: first.path)
    let others = try ContainerFiles(Array(files.dropFirst()), flags: O_DIRECT)
    for (file, opened) in zip(files.dropFirst(), others.open) {
      let own = try DirectAlignment.of(opened.descriptor, path: file.path)
      needed = DirectAlignment(memory: max(needed.memory, own.memory), offset: max(needed.offset, own.offset))
    }
    try self.init(opened, others, needed, Limits())
  }

  private init(
    _ opened: consuming BackingFile, _ others: ContainerFiles?, _ needed: DirectAlignment, _ limits: Limits
  ) throws(SystemError) {
    let bounceBuffer = try BounceTransfer(needed)
    let signal = try EventCounter(nonBlocking: true)
    let made = try Self.makeRing()
    file = opened
    self.others = others
    alignment = needed
    bounce = bounceBuffer
    event = signal
    ring = made
    self.limits = limits
    ringLife = limits.requests
    slots = RequestSlots()
  }

  private static func makeRing() throws(SystemError) -> IORing {
    do {
      return try IORing(queueDepth: UInt32(RequestSlots.count))
    } catch {
      let remedy =
        SystemCallFilter.refuses(.ioUring)
        ? SystemCallFilter.advice([.ioUring])
        : "See kernel.io_uring_disabled (sysctl)."
      throw SystemError("set up io_uring", error, advice: "\(remedy) The backing \"file\" works without it.")
    }
  }

  /// The file of a request.
  @inline(__always)
  private borrowing func target(_ request: StorageRequest) -> OpenFile {
    guard _slowPath(request.file > 0), let others else { return file.open }
    return others.open[Int(request.file) - 1]
  }

  public mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    var error = request.refusal(capacity: file.capacity, isReadOnly: file.isReadOnly)
    if error == 0 { error = ringError }
    if error == 0 {
      switch request.operation {
      case .read, .write:
        let buffer = unsafe request.buffer.unsafelyUnwrapped
        if unsafe alignment.allows(buffer, offset: request.offset, count: request.count) {
          error = prepare(request)
          if error == 0 { return nil }
          break
        }
        counts.copies &+= 1
        counts.calls &+= 1
        error = unsafe bounce.run(
          target(request), write: request.operation == .write, buffer, request.count, at: request.offset)
      case .flush:
        counts.calls &+= 1
        error = file.open.flush()
        if error == 0 { counts.flushes &+= 1 }
      case .discard:
        counts.calls &+= 1
        error = file.open.discard(request.count, at: request.offset)
      case .writeZeroes:
        counts.calls &+= 1
        error = file.open.writeZeroes(request.count, at: request.offset)
      }
    }
    return StorageCompletion(token: request.token, error: error)
  }

  /// Puts a transfer into the ring. Returns 0 or an errno.
  private mutating func prepare(_ request: StorageRequest) -> Int32 {
    if _slowPath(ringLife == 0) {
      renewRing()
      if ringError != 0 { return ringError }
    }
    let slot = slots.take(request)
    let target = FileDescriptor(rawValue: target(request).descriptor)
    // What is longer is carried on when this much has come.
    let bytes = unsafe UnsafeMutableRawBufferPointer(
      start: request.buffer, count: min(request.count, limits.bytes))
    let taken =
      unsafe request.operation == .read
      ? ring.prepare(request: .read(target, into: bytes, at: request.offset, context: UInt64(slot)))
      : ring.prepare(request: .write(bytes, into: target, at: request.offset, context: UInt64(slot)))
    precondition(taken, "the ring has an entry for every slot")
    prepared += 1
    inFlight += 1
    ringLife -= 1
    return 0
  }

  /// Waits for everything in flight and puts a new ring in the place of one that has taken as much as it may.
  @inline(never)
  private mutating func renewRing() {
    backlog.reserveCapacity(RequestSlots.count)
    while inFlight > 0 && ringError == 0 {
      kick()
      _ = completionEvent()
      while let completion = takeCompletion() { backlog.append(completion) }
      if inFlight > 0 { awaitEvent() }
    }
    guard ringError == 0 else { return }
    do throws(SystemError) { ring = try Self.makeRing() } catch {
      ringError = error.errno.rawValue
      return
    }
    ringLife = limits.requests
    if eventIsRegistered {
      eventIsRegistered = false
      _ = completionEvent()
    }
    if !backlog.isEmpty { event.signal() }
  }

  public mutating func kick() {
    guard prepared > 0, ringError == 0 else { return }
    counts.calls &+= 1
    do {
      try ring.submitPreparedRequests()
      prepared = 0
    } catch {
      // Too much in flight is over once something was reaped; the next kick tries again. Anything else is the ring's end.
      if error != .resourceBusy && error != .interrupted { ringError = error.rawValue }
    }
  }

  public mutating func reap(into completions: UnsafeMutableBufferPointer<StorageCompletion>, wait: Bool) -> Int {
    var count = unsafe collect(completions)
    guard wait, count == 0 else { return count }
    let deadline = MonotonicClock.now &+ 1_000_000_000
    while count == 0 && inFlight > 0 {
      kick()
      _ = completionEvent()
      count = unsafe collect(completions)
      if count > 0 { break }
      awaitEvent()
      count = unsafe collect(completions)
      if MonotonicClock.now >= deadline { break }
    }
    return count
  }

  private mutating func collect(_ completions: UnsafeMutableBufferPointer<StorageCompletion>) -> Int {
    var count = 0
    while !backlog.isEmpty && count < completions.count {
      unsafe completions[count] = backlog.removeLast()
      count += 1
    }
    if ringError != 0 { return unsafe failAll(completions, from: count) }
    while count < completions.count, let completion = takeCompletion() {
      unsafe completions[count] = completion
      count += 1
    }
    return count
  }

  /// What the ring finished next; nil where there is nothing.
  @inline(__always)
  private mutating func takeCompletion() -> StorageCompletion? {
    guard let entry = ring.tryConsumeCompletion() else { return nil }
    let request = slots.give(back: Int(entry.context))
    inFlight -= 1
    return StorageCompletion(request, error: finish(request, result: Int(entry.result)))
  }

  /// Turns what the kernel says about a transfer into an errno. A transfer that came short, which ends at the end of a file or
  /// in front of an error, is carried on here until it is whole or shows its error.
  private borrowing func finish(_ request: StorageRequest, result: Int) -> Int32 {
    if result == request.count { return 0 }
    if result < 0 && -result != Int(EINTR) && -result != Int(EAGAIN) { return Int32(-result) }
    let done = max(result, 0)
    return unsafe bounce.run(
      target(request), write: request.operation == .write, request.buffer.unsafelyUnwrapped + done,
      request.count - done,
      at: request.offset + UInt64(done))
  }

  private mutating func failAll(
    _ completions: UnsafeMutableBufferPointer<StorageCompletion>, from first: Int
  ) -> Int {
    var count = first
    while count < completions.count, let request = slots.giveBackAny() {
      unsafe completions[count] = StorageCompletion(request, error: ringError)
      inFlight -= 1
      count += 1
    }
    return count
  }

  public mutating func completionEvent() -> Int32? {
    if !eventIsRegistered {
      do {
        try ring.registerEventFD(FileDescriptor(rawValue: event.rawValue))
        eventIsRegistered = true
      } catch {
        ringError = error.rawValue
      }
    }
    return event.rawValue
  }

  /// Blocks until the event was signalled, at most a second.
  @inline(never)
  private mutating func awaitEvent() {
    counts.calls &+= 2
    var waited = pollfd(fd: event.rawValue, events: Int16(POLLIN), revents: 0)
    if unsafe poll(&waited, 1, 1000) > 0 { _ = event.take() }
  }
}
