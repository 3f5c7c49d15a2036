import CProbe
import ProbeABI

/// `audit.instructions`: a window with `rounds` rounds of two instructions and little else, to hold counters against. Two of
/// different length tell what the window itself retires.
enum KnownInstructions {
  private static let mostRounds: UInt64 = 1 << 32

  static func run(_ job: borrowing Job, _ context: inout JobContext) {
    let rounds = job.parameter("rounds") ?? 1_000_000
    guard rounds >= 1, rounds <= mostRounds else { return context.fail("expected rounds= from 1 to 2^32") }
    // Once before, so that code and translations are there.
    probe_known_instructions(rounds)
    var measurement = Measurement()
    let opened = context.openWindow()
    probe_known_instructions(rounds)
    context.close(
      MeasuredWindow(opened: opened, closed: nm_tsc_end(), operations: 2 * rounds), samples: 0, &measurement)
    context.finish(measurement)
  }
}
