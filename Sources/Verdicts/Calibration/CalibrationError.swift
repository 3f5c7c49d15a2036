/// Why a calibration cannot be kept or found, in one line.
public enum CalibrationError: Error, Equatable, Sendable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  case unwritable(path: String, reason: String)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path) is no calibration of this host: \(reason); remove it, or calibrate anew with nearmetal calibrate"
    case .unwritable(let path, let reason): "cannot keep the calibration in \(path): \(reason)"
    }
  }
}
