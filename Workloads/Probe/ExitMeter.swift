import CProbe
import ProbeABI

/// One operation that leaves the guest, or makes something outside reach into it, and how long that took.
protocol ExitSample: ~Copyable {
  /// Does the operation and returns its ticks; nil when its result is not what it must be, or never came.
  mutating func sample() -> UInt64?
}

/// The measuring loops of the `exits` workloads.
enum ExitMeter {
  /// Most ticks that an operation may take before it counts as lost: a second.
  static func patience(_ context: borrowing JobContext) -> UInt64 { context.tscKilohertz * 1000 }

  /// Times operations one by one until the window has passed, and answers the job. `values` of the result: 1, operations,
  /// the ticks that timing nothing takes (part of every sample), the ticks of all samples together.
  static func measure<Sample: ExitSample & ~Copyable>(
    _ sample: consuming Sample, _ job: borrowing Job, _ context: inout JobContext
  ) {
    let warmUpEnd = nm_tsc() + job.warmup
    repeat {
      guard sample.sample() != nil else { return context.fail("an operation did not have the result it must have") }
    } while nm_tsc() < warmUpEnd
    var measurement = Measurement()
    var total: UInt64 = 0
    var good = true
    while good, context.nextWindow() {
      let rewarmEnd = nm_tsc() + context.rewarm
      while good, nm_tsc() < rewarmEnd { good = sample.sample() != nil }
      let opened = context.openWindow()
      var (closed, operations) = (opened, UInt64(0))
      let end = opened + job.window
      repeat {
        guard let ticks = sample.sample() else {
          good = false
          break
        }
        context.histogram.record(ticks)
        operations += 1
        total += ticks
        closed = nm_tsc()
      } while closed < end
      context.close(
        MeasuredWindow(opened: opened, closed: closed, operations: operations), samples: operations, &measurement)
    }
    guard good else { return context.fail("an operation did not have the result it must have") }
    measurement.values = (1, measurement.operations, Meter.timingCost(), total)
    measurement.histogramUnit = 1
    context.finish(measurement)
  }

  /// Times a loop of the CPL 0 kernel, `GATE_LOOP_UNROLL` operations a round, until the window has passed, and answers the
  /// job. The ticks are the loop's own: the gate's price is no part of them. `values` as above, but for the third: ticks of
  /// the same rounds with nothing in them.
  static func measureLoop(
    _ loop: Int32, _ a: UInt64, _ b: UInt64, _ job: borrowing Job, _ context: inout JobContext
  ) {
    let longEnough = context.tscKilohertz / 2
    var rounds: UInt64 = 1
    var ticks: UInt64 = 0
    repeat {
      guard probe_try_gate(UInt64(loop), rounds, a, b, &ticks) == 0 else {
        return context.skip("the processor refuses the instruction here")
      }
      if ticks < longEnough { rounds *= 2 }
    } while ticks < longEnough && rounds < 1 << 24
    let operations = rounds * UInt64(GATE_LOOP_UNROLL)
    var measurement = Measurement()
    var total: UInt64 = 0
    while context.nextWindow() {
      if context.rewarm > 0 { _ = probe_gate(UInt64(loop), rounds, a, b) }
      let opened = context.openWindow()
      var (closed, samples) = (opened, UInt64(0))
      let end = opened + job.window
      repeat {
        let ticks = probe_gate(UInt64(loop), rounds, a, b)
        context.histogram.record(ticks)
        samples += 1
        total += ticks
        closed = nm_tsc()
      } while closed < end
      context.close(
        MeasuredWindow(opened: opened, closed: closed, operations: samples * operations), samples: samples, &measurement
      )
    }
    measurement.values = (
      operations, measurement.operations / operations, probe_gate(UInt64(GATE_LOOP_EMPTY), rounds, 0, 0), total
    )
    measurement.histogramUnit = UInt32(clamping: operations)
    context.finish(measurement)
  }
}
