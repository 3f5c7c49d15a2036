import Results
import Verdicts

/// The calibrations of this user.
enum Calibrations {
  /// What is known of a host; a calibration that cannot be read is said and left alone.
  static func find(_ fingerprint: String) -> CalibrationRecord? {
    do throws(CalibrationError) { return try CalibrationStore().read(fingerprint) } catch {
      say(error.description)
      return nil
    }
  }
}
