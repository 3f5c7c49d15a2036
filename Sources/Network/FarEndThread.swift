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
      // What waits for room in an interface's queue is tried again, as nobody says when there is some.
      _ = unsafe poll(&requests, 2, socket.hasWork ? 1 : -1)
    }
  }
}
