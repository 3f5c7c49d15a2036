import Definitions
import Results

/// Every machine there is.
public enum MachineTable {
  public static subscript(_ machine: Machine) -> any SessionMachine {
    switch machine {
    case .native: NativeMachine()
    case .nearmetal: NearMetalMachine()
    case .qemu: QEMUMachine()
    }
  }

  /// Runs a session on its machine, whole. Blocks.
  public static func run(_ session: Session, _ context: SessionContext) -> SessionOutcome {
    let context = context.placed(for: session)
    if session.disk != nil, let problem = context.disk.problem { return .failed(problem) }
    do throws(SessionObstacle) {
      let prepared = try Self[session.path.machine].prepare(session, context)
      prepared.run()
      return prepared.finish()
    } catch { return error.outcome }
  }
}
