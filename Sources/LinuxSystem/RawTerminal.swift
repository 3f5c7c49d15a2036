import Glibc

/// A terminal in raw mode, for as long as this lives: every key is passed on as it is pressed, none means a signal, nothing is echoed
/// (termios(3), cfmakeraw). What it was before comes back then.
public struct RawTerminal: ~Copyable {
  private let descriptor: Int32
  private let before: termios

  /// Puts a terminal into raw mode; nil where the descriptor is none.
  public static func enter(_ descriptor: Int32) -> RawTerminal? {
    var settings = termios()
    guard unsafe tcgetattr(descriptor, &settings) == 0 else { return nil }
    let before = settings
    unsafe cfmakeraw(&settings)
    // The lines of messages that are written meanwhile begin at the margin, as always.
    settings.c_oflag |= tcflag_t(OPOST | ONLCR)
    guard unsafe tcsetattr(descriptor, TCSANOW, &settings) == 0 else { return nil }
    return RawTerminal(descriptor: descriptor, before: before)
  }

  deinit {
    var settings = before
    _ = unsafe tcsetattr(descriptor, TCSANOW, &settings)
  }
}
