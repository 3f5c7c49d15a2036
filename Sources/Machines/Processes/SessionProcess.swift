import Definitions
import LinuxSystem
import Results

/// A session in a process of its own.
final class SessionProcess: Sendable {
  private let process: ConfinedProcess

  /// Starts it: from now on the session is prepared and run.
  init(
    _ session: Session, _ context: SessionContext, grace: UInt64 = ConfinedProcess.usualGrace
  ) throws(SystemError) {
    process = try ConfinedProcess(grace: grace) { Self.child(session, context, $0) }
    context.gate?.watch(process.endDescriptor)
  }

  var pid: Int32 { process.pid }

  /// How far the session came.
  var stage: ConfinedProcess.Stage { process.stage }

  /// Asks the session to end. Any thread; what it has is kept.
  func cancel() { process.cancel() }

  /// Waits for the session's end, and brings it about where it does not come by itself.
  /// - Parameter deadline: on `MonotonicClock`.
  func finish(by deadline: UInt64) -> SessionOutcome { process.finish(by: deadline).outcome }

  /// All that the session's process does.
  private static func child(
    _ session: Session, _ context: SessionContext, _ inside: ConfinedProcess.Inside
  ) -> SessionOutcome {
    var context = context
    // Nobody in this process waits for the user's signals.
    context.interruption = Interruption()
    context.confinement = inside.confinement
    context.onRecord = { inside.keep($0) }
    inside.reach(.preparing)
    do throws(SessionObstacle) {
      let prepared = Box(try MachineTable[session.path.machine].prepare(session, context))
      inside.whenAskedToEnd { [interruption = context.interruption] in
        interruption.request()
        prepared.session.cancel()
      }
      inside.reach(.running)
      prepared.session.run()
      inside.reach(.finishing)
      return prepared.session.finish()
    } catch { return error.outcome }
  }

  /// Hands a session to the thread that may have to end it.
  private struct Box: @unchecked Sendable {
    // @unchecked: `run` and `finish` are called by one thread, `cancel` by any.
    let session: any PreparedSession

    init(_ session: any PreparedSession) { self.session = session }
  }
}
