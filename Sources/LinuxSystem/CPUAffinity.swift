import CLinux
import SystemPackage

/// Which CPUs threads may run on.
public enum CPUAffinity {
  /// The CPUs that this process may use, ascending.
  public static func allowed() throws(SystemError) -> [Int] {
    var cpus = [Int32](repeating: 0, count: 1 << 16)
    let count = unsafe nm_allowed_cpus(&cpus, Int32(cpus.count))
    guard count >= 0 else { throw SystemError("read the CPU affinity", Errno(rawValue: -count)) }
    return cpus.prefix(Int(count)).map(Int.init)
  }

  /// Pins the calling thread to one CPU.
  public static func pinCurrentThread(to cpu: Int) throws(SystemError) {
    let code = nm_pin_current_thread(Int32(cpu))
    guard code == 0 else {
      throw SystemError(
        "pin a thread to CPU \(cpu)", Errno(rawValue: code), advice: "Choose CPUs that this process may use.")
    }
  }

  /// Lets a thread run on these CPUs only.
  /// - Parameters:
  ///   - thread: its kernel thread id, also of another process; 0 is the calling thread.
  ///   - cpus: numbers of CPUs, at least one of which is online and this process's to use.
  public static func pin(thread: Int32, to cpus: [Int]) throws(SystemError) {
    let code = unsafe nm_pin_thread(thread, cpus.map(Int32.init), Int32(cpus.count))
    guard code == 0 else {
      throw SystemError("pin thread \(thread) to CPUs \(cpus)", Errno(rawValue: code))
    }
  }

  /// Runs `body` on the calling thread with these CPUs alone, which what it starts inherits, and gives it back those that it had.
  public static func whilePinned<Result: ~Copyable>(
    to cpus: [Int], _ body: () throws(SystemError) -> Result
  ) throws(SystemError) -> Result {
    let before = try allowed()
    try pin(thread: 0, to: cpus)
    defer { try? pin(thread: 0, to: before) }
    return try body()
  }
}
