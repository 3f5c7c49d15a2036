import Counters
import Definitions
import KVM
import LinuxSystem
import Machines
import Results
import Topology

/// The trust audit by itself, without a run.
public enum AuditSession {
  /// Holds every counter that can be checked against work of known size. Takes about a second.
  /// - Parameters:
  ///   - probe: a probe image other than the one that was built with the program.
  ///   - placement: where vCPU and I/O thread go.
  ///   - interruption: ends the guests of the audit.
  /// - Throws: `RunError` where the probe cannot be read or no CPU can be chosen. A host without KVM is no error: what needs
  ///   a guest is left out, and its reason is returned.
  public static func run(
    probe: String? = nil, placement: PlacementPolicy = .sameNode, _ interruption: Interruption
  ) throws(RunError) -> (record: AuditRecord, guestProblem: String?) {
    let image = try Run.image(probe)
    let backend = Backend.detect()
    let plan: CounterPlan
    let hold = TracepointHold()
    defer { hold.release() }
    do throws(Unavailable) { plan = try CounterPlan.make(.standard, backend, hold) } catch {
      throw .counters(error.reason)
    }
    var problem: String?
    do throws(RunError) { try Run.checkKVM() } catch { problem = error.description }
    let suite = Suite(
      name: "audit", blocks: 1, warmup: 0, window: 1_000_000, memory: 64 << 20, entries: [])
    let place = try RunPlacement(placement, suite, diskDirectory: "/")
    let context = SessionContext(suite, image, place, interruption)
    let audit = CounterAudit(context: context, plan: plan, backend: backend)
    return (audit.run(runsGuests: problem == nil).record, problem)
  }
}
