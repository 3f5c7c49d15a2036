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

  /// Lets the signal through to the calling thread. Threads inherit what their maker blocks, and the workers behind Swift's
  /// tasks and Dispatch's queues block everything: a thread made by one of them could not be kicked.
  public static func unblock() {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, number)
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}
