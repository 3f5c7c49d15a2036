import LinuxSystem
import Results

/// Calibrations by host: one JSON file each, replaced by the next calibration of the same host.
public struct CalibrationStore: Sendable {
  public let folder: String

  /// - Parameters:
  ///   - folder: where the files are; by default `nearmetal/calibration` in the user's folder for state.
  ///   - environment: the variables; the process's own unless given.
  public init(folder: String? = nil, environment: [String: String]? = nil) {
    self.folder = folder ?? "\(UserFolder.state.path(environment))/nearmetal/calibration"
  }

  /// The file of a host. A fingerprint is made of letters and digits; anything else in it becomes `_`.
  public func path(of fingerprint: String) -> String {
    let name = fingerprint.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" }
    return "\(folder)/\(String(name)).json"
  }

  /// The calibration of a host; nil where there is none.
  ///
  /// - Throws: ``CalibrationError/unreadable(path:reason:)`` for a file that is not one of this host.
  public func read(_ fingerprint: String) throws(CalibrationError) -> CalibrationRecord? {
    let path = path(of: fingerprint)
    guard AtomicFile.exists(path) else { return nil }
    let record: CalibrationRecord
    do { record = try JSONText.decode(from: try AtomicFile.read(path)) } catch {
      throw .unreadable(path: path, reason: "\(error)")
    }
    guard record.fingerprint == fingerprint else {
      throw .unreadable(path: path, reason: "it is that of host \(record.fingerprint)")
    }
    return record
  }

  /// Replaces the calibration of the record's host, whole or not at all.
  public func write(_ record: CalibrationRecord) throws(CalibrationError) {
    let path = path(of: record.fingerprint)
    let bytes: [UInt8]
    do throws(JSONProblem) { bytes = try JSONText.encode(record) } catch {
      throw .unencodable(path: path, reason: "\(error)")
    }
    do throws(FileError) {
      try AtomicFile.makeDirectory(folder)
      try AtomicFile.write(bytes, to: path)
    } catch { throw .file(error) }
  }
}
