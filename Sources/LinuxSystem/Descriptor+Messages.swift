import CLinux
import Glibc
import SystemPackage

/// Bytes over a stream socket whose other end is not trusted: every wait has a deadline.
extension Descriptor {
  /// Sends all of the bytes, and with the first of them descriptors, which stay this process's own as well.
  /// - Parameters:
  ///   - bytes: at least one, where descriptors go with them.
  ///   - descriptors: at most 8.
  ///   - deadline: on `MonotonicClock`.
  /// - Throws: the errno; ETIMEDOUT at the deadline, EPIPE where nobody reads.
  public borrowing func send(
    _ bytes: [UInt8], with descriptors: [Int32] = [], until deadline: UInt64
  ) throws(Errno) {
    let socket = rawValue
    var done = 0
    while done < bytes.count {
      let rest = Array(bytes[done...])
      let passed = done == 0 ? descriptors : []
      do throws(Errno) {
        done += try systemCall {
          unsafe nm_send_with_descriptors(socket, rest, rest.count, passed, passed.count)
        }
      } catch  where error == .resourceTemporarilyUnavailable || error == .wouldBlock {
        try wait(for: POLLOUT, until: deadline)
      }
    }
  }

  /// Receives exactly so many bytes. Descriptors that come with them are not taken.
  /// - Parameters:
  ///   - count: how many.
  ///   - deadline: on `MonotonicClock`.
  /// - Throws: the errno; ETIMEDOUT at the deadline, ECONNRESET where the other end is closed before they are there.
  public borrowing func receive(_ count: Int, until deadline: UInt64) throws(Errno) -> [UInt8] {
    let socket = rawValue
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      try wait(for: POLLIN, until: deadline)
      let (start, most) = (done, count - done)
      do throws(Errno) {
        let received = try systemCall {
          unsafe bytes.withUnsafeMutableBytes {
            unsafe recv(socket, $0.baseAddress.unsafelyUnwrapped + start, most, Int32(MSG_DONTWAIT))
          }
        }
        if received == 0 { throw Errno.connectionReset }
        done += received
      } catch  where error == .resourceTemporarilyUnavailable || error == .wouldBlock {
        continue
      }
    }
    return bytes
  }

  private borrowing func wait(for events: Int32, until deadline: UInt64) throws(Errno) {
    let descriptor = rawValue
    while true {
      let now = MonotonicClock.now
      let left = deadline > now ? (deadline - now + 999_999) / 1_000_000 : 0
      var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
      if try systemCall({ unsafe poll(&entry, 1, Int32(clamping: left)) }) > 0 { return }
      if MonotonicClock.now >= deadline { throw .timedOut }
    }
  }
}
