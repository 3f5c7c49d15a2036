import CLinux
import LinuxSystem
import Synchronization

/// Serves a far end's socket until its owner goes. Sleeps while there is nothing to do.
final class FarEndThread: Sendable {
  private let stop: StopSign
  private let thread: PinnedThread

  init(_ socket: FarSocket, cpu: Int?) throws(SystemError) {
    let stop = try StopSign()
    self.stop = stop
    thread = try PinnedThread(name: "far end", cpu: cpu) { Self.serve(socket, until: stop) }
  }

  deinit {
    stop.give()
    thread.join()
  }

  private static func serve(_ socket: FarSocket, until stop: StopSign) {
    while !stop.isGiven {
      if socket.step() { continue }
      var requests = [
        pollfd(fd: socket.descriptor.rawValue, events: Int16(POLLIN), revents: 0),
        pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      // What waits for room in an interface's queue is tried again: nothing signals when there is some.
      _ = unsafe poll(&requests, 2, socket.hasWork ? 1 : -1)
    }
  }
}

/// Tells a thread to end, whether it looks or sleeps.
final class StopSign: Sendable {
  private let flag = Atomic<Bool>(false)
  private let counter: EventCounter

  init() throws(SystemError) { counter = try EventCounter(nonBlocking: true) }

  var isGiven: Bool { flag.load(ordering: .relaxed) }
  /// Readable once the sign was given.
  var descriptor: Int32 { counter.rawValue }

  func give() {
    flag.store(true, ordering: .relaxed)
    counter.signal()
  }
}
