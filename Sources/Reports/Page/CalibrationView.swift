import Results

/// What a calibration found about judging on this host, beside the verdicts of a later run.
struct CalibrationView {
  struct Row {
    let what: String
    let rate: String
    let bounds: String
  }

  /// One paragraph; says how to get a calibration where there is none.
  let summary: String
  let rates: [Row]
  let hasRates: Bool

  init(_ calibration: CalibrationRecord?) {
    guard let calibration else {
      summary =
        "No calibration of this host was stored when the run began, so how often it calls noise a regression is not known: "
        + "nearmetal calibrate measures that, and every later report shows it."
      (rates, hasRates) = ([], false)
      return
    }
    summary =
      "Calibrated \(calibration.calibratedAt) with suite \(calibration.suite) at \(calibration.blocks) blocks a side. The noise "
      + "floor beside a ratio is what noise alone may show; the least slowdown is what a gate notices eight times in ten."
    rates =
      [
        Self.row("Called a regression, though nothing had changed", calibration.falseAlarms),
        Self.row("Gates that failed, though nothing had changed", calibration.gateAlarms),
      ] + calibration.detections.map { Self.row("Noticed a slowdown of \($0.injection)", $0.rate) }
    hasRates = true
  }

  private static func row(_ what: String, _ rate: RateRecord) -> Row {
    guard rate.trials > 0 else { return Row(what: what, rate: "not tried", bounds: "") }
    let share = Double(rate.count) / Double(rate.trials)
    let bounds = rate.low.flatMap { low in
      rate.high.map { "[\(Figure.share(low)), \(Figure.share($0))] % at \(Figure.percent(rate.level))" }
    }
    return Row(
      what: what, rate: "\(rate.count) of \(rate.trials) (\(Figure.share(share)) %)", bounds: bounds ?? "")
  }

  /// `noise floor 2.1 %, sees 4.3 %`; empty where the calibration had no such leg.
  static func noise(of comparison: ComparisonRecord, in result: RunResult) -> String {
    guard let noise = result.calibration?.noise(of: comparison) else { return "" }
    return "noise floor \(Figure.share(noise.noiseFloor)) %, sees \(Figure.share(noise.minimumDetectableEffect)) %"
  }
}
