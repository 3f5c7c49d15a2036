import Definitions
import LinuxSystem
import Machines
import Results

/// Legs that measure at the same time, one at a time.
extension Run {
  /// Measures a group whose legs take turns; where the user asks to stop, what there is by then.
  func takeTurns(
    _ group: SessionGroup, _ step: Pacer.Step, _ turns: TurnPlan, _ context: SessionContext, order: Int,
    startedAt: Double
  ) -> [LegRecord] {
    pacer?.pause(before: step)
    guard !context.interruption.isRequested else { return [] }
    var taking = TurnTaking(
      group.sessions.map { TurnTaking.Member($0, context) }, context, turns,
      seed: plan.seed &+ UInt64(group.sessions[0].legs[0].job), pace: pacer.map { ($0, step.group, step.part) })
    var legs: [LegRecord] = []
    for (session, outcome) in zip(group.sessions, taking.run()) {
      legs += LegAssembler(context).legs(session, outcome, order: order + legs.count, startedAt: startedAt)
    }
    // What was measured until the user asked to stop are whole rounds. A leg that had none did not fail: it had no time.
    return context.interruption.isRequested ? legs.filter { $0.status != .failed } : legs
  }

  func turnObstacle(_ group: SessionGroup, _ context: SessionContext) -> String? {
    // There is nothing to exit from on bare metal, but the same guest of the run that goes on beside this one.
    if pacer != nil, group.isOfExits { return TurnTaking.memoryObstacle(1, context) }
    if group.sessions.count == 1 { return "there is no other leg to take turns with" }
    return TurnTaking.obstacle(group, context) ?? context.disk.turnObstacle(group)
      ?? TurnTaking.memoryObstacle(group.sessions.count, context)
  }
}
