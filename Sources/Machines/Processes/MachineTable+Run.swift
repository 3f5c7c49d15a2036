import Definitions
import LinuxSystem
import Results

extension MachineTable {
  /// Nanoseconds that a session's process may take beyond what its session may.
  private static let patience: UInt64 = 10_000_000_000

  /// Runs a session on its machine, whole, in a process of its own. Blocks.
  public static func run(_ session: Session, _ context: SessionContext) -> SessionOutcome {
    var context = context.placed(for: session)
    if session.disk != nil, let problem = context.disk.problem { return .failed(problem) }
    if session.linux?.net != nil { return runBesideServer(session, context) }
    if let crowd = session.crowd { return GuestCrowd(session, context, count: crowd).run() }
    var outcome = runOnce(session, context)
    guard session.measuresBoot, outcome.boot != nil else { return outcome }
    // Memory is read in a second boot: walking the address space takes time that the first one must not contain. The times of the
    // first one stand without it.
    context.measuresFootprint = true
    let figures = runOnce(session, context).boot
    outcome.boot?.resident = figures?.resident
    outcome.boot?.proportional = figures?.proportional
    return outcome
  }

  /// Runs a session whose work is with a server on the host, which this process has: the session's own is confined, or may do with its
  /// children what it likes.
  private static func runBesideServer(_ session: Session, _ context: SessionContext) -> SessionOutcome {
    if !session.path.isNative, let obstacle = LinuxGuestSession.obstacle { return .skipped(obstacle) }
    guard let program = session.linux.flatMap({ context.linux?.program($0.job) }) else {
      return .skipped(session.linux?.job.tool?.absence ?? "its server is not installed")
    }
    do throws(SessionObstacle) {
      let server = try IperfServer(
        program, cpu: context.cpus.io ?? context.cpus.workload, hasMonitor: !session.path.isNative)
      var context = context
      context.nearEnd = server.nearEnd
      return withExtendedLifetime(server) { runOnce(session, context) }
    } catch { return error.outcome }
  }

  private static func runOnce(_ session: Session, _ context: SessionContext) -> SessionOutcome {
    let process: SessionProcess
    do throws(SystemError) { process = try SessionProcess(session, context) } catch {
      return .failed(error.description)
    }
    let registration = context.interruption.whileRunning { process.cancel() }
    defer { registration.end() }
    return process.finish(by: MonotonicClock.now + context.patience(session) + patience)
  }
}
