import LinuxSystem

/// A disk or a network interface that is part of a machine: its device model, and the thread that serves it where it has one.
protocol AttachedDevice: AnyObject, Sendable {
  /// What the guest's command line must say to find it.
  var commandLine: String { get }
  /// Starts serving.
  func start(on cpu: Int?) throws(SystemError)
  /// Ends serving and waits for the thread.
  func stop()
  /// The first thing that went wrong, as a leg's reason.
  var failure: String? { get }
  /// Kernel thread id of the I/O thread; 0 where there is none yet or at all.
  var thread: Int32 { get }
}
