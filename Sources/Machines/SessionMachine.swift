import Definitions
import Results

/// A machine that sessions run on: the host itself, a monitor, an operating system. A new one conforms to this and stands in
/// ``MachineTable``.
public protocol SessionMachine: Sendable {
  /// Whose work can be counted while a session runs.
  var counting: CountableThreads { get }

  /// Makes what a session needs up to the point where its jobs begin: wires, disks, memory, the guest itself.
  /// - Throws: why the session cannot run here, or why its making failed.
  func prepare(_ session: Session, _ context: SessionContext) throws(SessionObstacle) -> any PreparedSession
}

/// A session that is ready to run its jobs.
///
/// Used by one thread at a time, in this order; what it holds is let go of by ``finish()``, whatever came before.
public protocol PreparedSession: AnyObject {
  /// Runs the jobs. Blocks until they are answered, have failed, or took longer than they may.
  func run()

  /// Makes ``run()`` return soon, where that is in the harness's power. Any thread.
  func cancel()

  /// Ends the session and lets go of all that it held.
  func finish() -> SessionOutcome
}

/// Threads of a machine that perf events can be opened on.
public enum CountableThreads: Sendable {
  /// None: they belong to another program.
  case none
  /// The workload's own thread, without a guest.
  case workload
  /// Those of the vCPUs, and the I/O thread.
  case vcpus
}

/// Why a session could not be made.
public enum SessionObstacle: Error, Sendable {
  /// The host or the plan has no place for it: its legs are skipped.
  case unavailable(String)
  /// It should have been possible: its legs have failed.
  case failure(String)

  var outcome: SessionOutcome {
    switch self {
    case .unavailable(let reason): .skipped(reason)
    case .failure(let reason): .failed(reason)
    }
  }
}
