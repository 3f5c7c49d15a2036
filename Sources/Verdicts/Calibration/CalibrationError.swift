import LinuxSystem

/// Why a calibration cannot be kept or found, in one line.
public enum CalibrationError: OutputFailure, Equatable, CustomStringConvertible {
  case unreadable(path: String, reason: String)
  /// A figure is infinite or none.
  case unencodable(path: String, reason: String)
  /// It cannot be written.
  case file(FileError)

  public var description: String {
    switch self {
    case .unreadable(let path, let reason):
      "\(path) is no calibration of this host: \(reason); remove it, or calibrate anew with nearmetal calibrate"
    case .unencodable(let path, let reason): "cannot keep the calibration in \(path): \(reason)"
    case .file(let error): "cannot keep the calibration: \(error)"
    }
  }

  public var isOfOutput: Bool { if case .file(let error) = self { error.isOfOutput } else { false } }
}
