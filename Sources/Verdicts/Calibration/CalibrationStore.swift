import Foundation
import Results

/// Calibrations by host: one JSON file each, replaced by the next calibration of the same host.
public struct CalibrationStore: Sendable {
  public let folder: String

  /// - Parameter folder: where the files are; by default `nearmetal/calibration` in `$XDG_STATE_HOME`, which is `~/.local/state`
  ///   where it is not set or not absolute (XDG Base Directory Specification).
  public init(
    folder: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    let state = environment["XDG_STATE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let home = environment["HOME"] ?? FileManager.default.homeDirectoryForCurrentUser.path
    self.folder = folder ?? "\(state ?? "\(home)/.local/state")/nearmetal/calibration"
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
    do {
      record = try JSONDecoder().decode(CalibrationRecord.self, from: Data(try AtomicFile.read(path)))
    } catch {
      let reason = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
      throw .unreadable(path: path, reason: reason)
    }
    guard record.fingerprint == fingerprint else {
      throw .unreadable(path: path, reason: "it is that of host \(record.fingerprint)")
    }
    return record
  }

  /// Replaces the calibration of the record's host, whole or not at all.
  public func write(_ record: CalibrationRecord) throws(CalibrationError) {
    let path = path(of: record.fingerprint)
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let bytes = [UInt8](try encoder.encode(record)) + [0x0a]
      try AtomicFile.makeDirectory(folder)
      try AtomicFile.write(bytes, to: path)
    } catch {
      throw .unwritable(path: path, reason: "\(error)")
    }
  }
}
