import CLinux

/// The signal that brings a thread out of a blocking system call. Its handler does nothing.
public enum KickSignal {
  /// The signal's number.
  public static let number: Int32 = SIGUSR1

  /// Installs the handler, without SA_RESTART: that is the point. Safe to call again.
  public static func install() {
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in }
    _ = unsafe sigaction(number, &action, nil)
  }
}
