import CLinux
import Glibc
import LinuxSystem
import SystemPackage

/// A disk in a file, past the page cache: O_DIRECT requests in flight together through io_uring.
///
/// Reads and writes are asynchronous. A flush is `fdatasync` in `submit`, because swift-system's ring has no such operation;
/// so are discard, write-zeroes and transfers that O_DIRECT's alignment forbids, which go through a bounce buffer. Guest RAM is
/// not registered with the ring: swift-system transfers a registered buffer only as a whole.
public struct DirectEngine: ~Copyable, StorageEngine {
  private let file: BackingFile
  private let alignment: DirectAlignment
  private let bounce: BounceTransfer
  private let slots: RequestSlots
  private var ring: IORing
  private let event: EventCounter
  private var eventIsRegistered = false
  private var prepared = 0
  private var inFlight = 0
  /// Once the ring itself failed: every request in flight and to come ends with this errno.
  private var ringError: Int32 = 0

  public private(set) var flushes: UInt64 = 0
  public var capacity: UInt64 { file.capacity }
  public var isReadOnly: Bool { file.isReadOnly }
  public var maximumInFlight: Int { RequestSlots.count }

  /// Opens a disk image or a block device; its size now is the disk's capacity.
  /// - Throws: `SystemError`, one line: no such file, a file system without O_DIRECT, a host without io_uring.
  public init(path: String, readOnly: Bool = false) throws(SystemError) {
    let opened = try BackingFile(path: path, flags: O_DIRECT, readOnly: readOnly)
    let needed = try DirectAlignment.of(opened.descriptor.rawValue, path: path)
    let bounceBuffer = try BounceTransfer(needed)
    let signal = try EventCounter(nonBlocking: true)
    let made = try Self.makeRing()
    file = opened
    alignment = needed
    bounce = bounceBuffer
    event = signal
    ring = made
    slots = RequestSlots()
  }

  private static func makeRing() throws(SystemError) -> IORing {
    do {
      return try IORing(queueDepth: UInt32(RequestSlots.count))
    } catch {
      throw SystemError(
        "set up io_uring", error, advice: "The backing \"file\" works without it; see kernel.io_uring_disabled.")
    }
  }

  public mutating func submit(_ request: StorageRequest) -> StorageCompletion? {
    var error = request.refusal(capacity: file.capacity, isReadOnly: file.isReadOnly)
    if error == 0 { error = ringError }
    if error == 0 {
      switch request.operation {
      case .read, .write:
        let buffer = unsafe request.buffer.unsafelyUnwrapped
        if unsafe alignment.allows(buffer, offset: request.offset, count: request.count) {
          prepare(request)
          return nil
        }
        error = unsafe bounce.run(
          file, write: request.operation == .write, buffer, request.count, at: request.offset)
      case .flush:
        error = file.flush()
        if error == 0 { flushes &+= 1 }
      case .discard: error = file.discard(request.count, at: request.offset)
      case .writeZeroes: error = file.writeZeroes(request.count, at: request.offset)
      }
    }
    return StorageCompletion(token: request.token, error: error)
  }

  private mutating func prepare(_ request: StorageRequest) {
    let slot = slots.take(request)
    let target = FileDescriptor(rawValue: file.descriptor.rawValue)
    let bytes = unsafe UnsafeMutableRawBufferPointer(start: request.buffer, count: request.count)
    let taken =
      unsafe request.operation == .read
      ? ring.prepare(request: .read(target, into: bytes, at: request.offset, context: UInt64(slot)))
      : ring.prepare(request: .write(bytes, into: target, at: request.offset, context: UInt64(slot)))
    precondition(taken, "the ring has an entry for every slot")
    prepared += 1
    inFlight += 1
  }

  public mutating func kick() {
    guard prepared > 0, ringError == 0 else { return }
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
    while wait && count == 0 && inFlight > 0 {
      kick()
      _ = completionEvent()
      count = unsafe collect(completions)
      if count > 0 { break }
      awaitEvent()
      count = unsafe collect(completions)
    }
    return count
  }

  private mutating func collect(_ completions: UnsafeMutableBufferPointer<StorageCompletion>) -> Int {
    var count = 0
    if ringError != 0 { return unsafe failAll(completions) }
    while count < completions.count, let entry = ring.tryConsumeCompletion() {
      let request = slots.give(back: Int(entry.context))
      unsafe completions[count] = StorageCompletion(
        token: request.token, error: finish(request, result: Int(entry.result)))
      count += 1
    }
    inFlight -= count
    return count
  }

  /// Turns what the kernel says about a transfer into an errno. A transfer that came short, which ends at the end of a file or
  /// in front of an error, is carried on here until it is whole or shows its error.
  private borrowing func finish(_ request: StorageRequest, result: Int) -> Int32 {
    if result == request.count { return 0 }
    if result < 0 && -result != Int(EINTR) && -result != Int(EAGAIN) { return Int32(-result) }
    let done = max(result, 0)
    return unsafe bounce.run(
      file, write: request.operation == .write, request.buffer.unsafelyUnwrapped + done, request.count - done,
      at: request.offset + UInt64(done))
  }

  private mutating func failAll(_ completions: UnsafeMutableBufferPointer<StorageCompletion>) -> Int {
    var count = 0
    while count < completions.count, let request = slots.giveBackAny() {
      unsafe completions[count] = StorageCompletion(token: request.token, error: ringError)
      count += 1
    }
    inFlight -= count
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

  /// Blocks until the event was signalled, at most a second: who calls looks again anyhow.
  @inline(never)
  private borrowing func awaitEvent() {
    var waited = pollfd(fd: event.rawValue, events: Int16(POLLIN), revents: 0)
    if unsafe poll(&waited, 1, 1000) > 0 { _ = event.take() }
  }
}
