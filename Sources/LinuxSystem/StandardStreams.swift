import CLinux
import Glibc
import Synchronization
import SystemPackage

/// Standard output, which the C library buffers for `print`.
public enum StandardOutput {
  /// Has everything that was printed so far written.
  /// - Returns: why some of it, now or earlier, could not be; nil where all of it was.
  public static func flush() -> Errno? {
    let code = nm_flush_standard_output()
    return code == 0 ? nil : Errno(rawValue: code)
  }

  /// Writes bytes past the buffer, which should be flushed: of what is longer than the buffer the C library keeps no errno.
  public static func write(_ bytes: [UInt8]) throws(Errno) { try Descriptor.writeAll(bytes, to: 1) }
}

/// Standard error, which is not buffered.
public enum StandardError {
  private static let lost = Atomic(false)

  /// Whether something could not be written.
  public static var isLost: Bool { lost.load(ordering: .relaxed) }

  /// Writes a text. Where that cannot be done there is nobody left to tell but by the exit status.
  public static func write(_ text: String) {
    do throws(Errno) { try Descriptor.writeAll(Array(text.utf8), to: 2) } catch { lost.store(true, ordering: .relaxed) }
  }
}

/// Both streams.
public enum StandardStreams {
  /// A reader that has gone away (`| head`) is an error of the write, EPIPE, and no longer a signal that ends the process with
  /// all that it was about to keep. Programs that are started get the signal's own effect back.
  public static func outliveReaders() { signal(SIGPIPE, SIG_IGN) }
}

/// The terminal behind a stream.
public enum Terminal {
  /// Its columns; nil where the stream is no terminal, 80 where the terminal does not tell.
  public static func columns(of descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    // Sound: TIOCGWINSZ (ioctl_tty(2)) fills in one winsize.
    guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
